/* What a page of a long search costs, the first and later ones, and what is kept of it.
 *
 *     bench_pages [MATCHES [COUNT [PAGE]]]      default 24000 matches, pages of 100, page 200
 *
 * Prints as JSON the CPU time of page 1, page 2 and that page, each the best of several, and the bytes kept for paging. */
#include <stdlib.h>

#include "mock_epic/bench/asking.h"

enum { ROUNDS = 200 };

static const char path[] = "/Observation";

static void write_data(FILE *file, long matches)
{
    fprintf(file, "{\"resourceType\":\"Patient\",\"id\":\"p\"}\n");
    for (long i = 0; i < matches; i++)
        fprintf(file,
                "{\"resourceType\":\"Observation\",\"id\":\"o%ld\",\"subject\":{\"reference\":\"Patient/p\"},"
                "\"category\":[{\"coding\":[{\"code\":\"laboratory\"}]}]}\n",
                i);
}

int main(int argc, char **argv)
{
    struct bench_asking asking;
    char first[BENCH_QUERY_N], query[BENCH_QUERY_N], next[BENCH_QUERY_N], last[BENCH_QUERY_N];
    long matches = argc > 1 ? strtol(argv[1], NULL, 10) : 24000, count = argc > 2 ? strtol(argv[2], NULL, 10) : 100;
    bench_begin(&asking, write_data, matches);
    (void)snprintf(first, sizeof first, "patient=p&category=laboratory&_count=%ld", count);
    long wanted = argc > 3 ? strtol(argv[3], NULL, 10) : 200, page = 2;
    (void)bench_ask(&asking, path, first, query, NULL);
    (void)snprintf(last, sizeof last, "%s", query);
    double second = bench_best(&asking, path, query, ROUNDS);
    for (; query[0] && page < wanted; page++) {
        (void)bench_ask(&asking, path, query, next, NULL);
        (void)snprintf(query, sizeof query, "%s", next);
        if (query[0])
            (void)snprintf(last, sizeof last, "%s", query);
    }
    printf("{\"first_us\":%.1f,\"second_us\":%.1f,\"page\":%ld,\"page_us\":%.1f,\"searches\":%zu,\"bytes\":%zu}\n",
           bench_best(&asking, path, first, ROUNDS), second, page, bench_best(&asking, path, last, ROUNDS),
           asking.sessions.count, asking.sessions.bytes);
    bench_end(&asking);
    return 0;
}
