/* What a read and each kind of search costs beside so many resources that it does not find.
 *
 *     bench_searches [RESOURCES]      default 10000, a hundred of each patient
 *
 * Prints as JSON the CPU time of each in microseconds, the best of several. */
#include <stdlib.h>
#include <string.h>

#include "mock_epic/bench/asking.h"

enum { ROUNDS = 300, A_PATIENT = 100 };

/* A person's name of two parts: so many that a few share each, and a day of birth. */
static void write_patient(FILE *file, long n)
{
    fprintf(
        file,
        "{\"resourceType\":\"Patient\",\"id\":\"p%ld\",\"identifier\":[{\"system\":\"urn:mrn\",\"value\":\"mrn%ld\"}],"
        "\"name\":[{\"family\":\"%c%c%co\",\"given\":[\"Ann\"]}],\"telecom\":[{\"system\":\"phone\",\"value\":\"555%ld\"}],"
        "\"gender\":\"female\",\"birthDate\":\"%04ld-%02ld-%02ld\"}\n",
        n, n, 'A' + (char)(n % 26), "bdlmr"[n / 26 % 5], "bdlmr"[n / 130 % 5], n, 1930 + n % 89, 1 + n % 12,
        1 + n % 28);
    fprintf(file, "{\"resourceType\":\"Encounter\",\"id\":\"e%ld\",\"subject\":{\"reference\":\"Patient/p%ld\"}}\n", n,
            n);
    fprintf(
        file,
        "{\"resourceType\":\"DocumentReference\",\"id\":\"d%ld\",\"subject\":{\"reference\":\"Patient/p%ld\"},\"context\":{"
        "\"encounter\":[{\"reference\":\"Encounter/e%ld\"}]}}\n",
        n, n, n);
    fprintf(file,
            "{\"resourceType\":\"Provenance\",\"id\":\"v%ld\",\"target\":[{\"reference\":\"Observation/o%ld-0\"}]}\n",
            n, n);
    fprintf(
        file,
        "{\"resourceType\":\"Practitioner\",\"id\":\"t%ld\",\"identifier\":[{\"system\":\"urn:npi\",\"value\":\"%ld\"}],"
        "\"name\":[{\"family\":\"Doe%ldson\",\"given\":[\"Jo\"]}]}\n",
        n, n, n);
    fprintf(
        file,
        "{\"resourceType\":\"PractitionerRole\",\"id\":\"r%ld\",\"practitioner\":{\"reference\":\"Practitioner/t%ld\"}}\n",
        n, n);
    fprintf(
        file,
        "{\"resourceType\":\"Location\",\"id\":\"l%ld\",\"type\":[{\"coding\":[{\"code\":\"kind%ld\"}]}],\"name\":\"Room %ld\"}\n",
        n, n, n);
}

static void write_data(FILE *file, long count)
{
    for (long n = 0; n * A_PATIENT < count; n++) {
        write_patient(file, n);
        for (int i = 0; i < A_PATIENT - 7; i++)
            fprintf(
                file,
                "{\"resourceType\":\"Observation\",\"id\":\"o%ld-%d\",\"subject\":{\"reference\":\"Patient/p%ld\"},\"category\":[{"
                "\"coding\":[{\"code\":\"laboratory\"}]}],\"encounter\":{\"reference\":\"Encounter/e%ld\"},\"status\":\"final\"}\n",
                n, i, n, n);
    }
}

/* All about patient 42, whom every size has. */
static const struct {
    const char *name, *path, *query;
} rows[] = {
    {"read", "/Patient/p42", ""},
    {"patient", "/Observation", "patient=p42&category=laboratory&_count=10"},
    {"id", "/Patient", "_id=p42"},
    {"identifier", "/Patient", "identifier=urn:mrn|mrn42"},
    {"person", "/Patient", "family=Qdbo&given=Ann&birthdate=1972-07-15"},
    {"telecom", "/Patient", "family=Qdbo&given=Ann&gender=female&telecom=55542"},
    {"chained", "/Encounter", "patient.identifier=urn:mrn|mrn42"},
    {"encounter", "/DocumentReference", "encounter=e42"},
    {"included", "/Observation",
     "patient=p42&category=laboratory&_count=10&_include=Observation:encounter&_include=Observation:patient"},
    {"provenance", "/Observation", "patient=p42&category=laboratory&_count=10&_revinclude=Provenance:target"},
    {"practitioner", "/Practitioner", "identifier=42"},
    {"practitioner_name", "/Practitioner", "family=Doe42son"},
    {"role", "/PractitionerRole", "practitioner=t42"},
    {"location", "/Location", "type=kind42"},
};

int main(int argc, char **argv)
{
    struct bench_asking asking;
    char next[BENCH_QUERY_N];
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;
    bench_begin(&asking, write_data, count);
    printf("{\"resources\":%ld", count);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n;
        (void)bench_ask(&asking, rows[i].path, rows[i].query, next, &n);
        printf(",\"%s_us\":%.2f,\"%s_bytes\":%zu", rows[i].name,
               bench_best(&asking, rows[i].path, rows[i].query, ROUNDS), rows[i].name, n);
    }
    printf("}\n");
    bench_end(&asking);
    return 0;
}
