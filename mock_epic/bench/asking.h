/* What benches of searches share: data made into a file and loaded, and a request without sockets, timed. */
#ifndef MOCK_EPIC_BENCH_ASKING_H
#define MOCK_EPIC_BENCH_ASKING_H

#include <stdio.h>

#include "mock_epic/fhir/fhir.h"
#include "mock_epic/fhir/session.h"

enum { BENCH_QUERY_N = 256 };

struct bench_asking {
    struct mock_fhir *fhir;
    struct mock_sessions sessions;
    struct mock_scopes scopes;
};

/* Ends the program where something went wrong. */
void bench_check(enum auth_rc rc, const char *what);
/* Load what write() writes, NDJSON. Without memory, or a disk, it ends the program. */
void bench_begin(struct bench_asking *asking, void (*write)(FILE *file, long count), long count);
void bench_end(struct bench_asking *asking);
/* Ask once.
 * in   path  "/Observation"
 * out  next  the query of the page behind it, "" when there is none; [BENCH_QUERY_N]
 *      n     bytes of the answer; may be NULL
 * CPU time in microseconds */
double bench_ask(struct bench_asking *asking, const char *path, const char *query, char *next, size_t *n);
/* The shortest of so many. */
double bench_best(struct bench_asking *asking, const char *path, const char *query, int rounds);

#endif
