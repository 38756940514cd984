/* How fast fixtures are loaded, and what the index takes beside their text.
 *
 *     bench_fixtures PATH
 *
 * Prints one JSON object: MB/s of CPU time from the first byte to the sealed index, references looked at included, and bytes
 * a resource beyond the text. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mock_epic/data/load.h"
#include "mock_epic/data/store.h"

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void check(enum auth_rc rc, const struct auth_err *err)
{
    if (rc == AUTH_OK)
        return;
    fprintf(stderr, "bench_fixtures: %s\n", err->detail);
    exit(3);
}

static size_t index_bytes(const struct mock_fhir_store *store)
{
    return store->size * sizeof *store->items + store->by_id_size * sizeof *store->by_id +
           2 * store->shown_count * sizeof *store->by_type + store->patient_size * sizeof *store->patients +
           store->patient_slots_size * sizeof *store->patient_slots + store->keys.size * sizeof *store->keys.items +
           (((size_t)1 << store->keys.bits) + 1) * sizeof *store->keys.first;
}

int main(int argc, char **argv)
{
    struct mock_fhir_store store = {0};
    struct mock_fhir_report report = {0};
    struct auth_err err = {0};
    if (argc != 2)
        return 2;
    double start = cpu_s();
    check(mock_fhir_load_path(&store, argv[1], &report, &err), &err);
    double loaded = cpu_s();
    check(mock_fhir_store_seal(&store, &report.replaced, &err), &err);
    double sealed = cpu_s();
    mock_fhir_check_references(&store, &report);
    double end = cpu_s();
    printf("{\"resources\":%zu,\"mb\":%.1f,\"load_s\":%.3f,\"seal_s\":%.3f,\"references_s\":%.3f,\"mb_per_s\":%.0f,"
           "\"index_bytes_a_resource\":%.0f}\n",
           store.count, (double)report.bytes / 1e6, loaded - start, sealed - loaded, end - sealed,
           (double)report.bytes / 1e6 / (end - start), (double)index_bytes(&store) / (double)store.count);
    mock_fhir_store_clear(&store);
    mock_report_clear(&report);
    return 0;
}
