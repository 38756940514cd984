/* Many things that are done side by side. */
#ifndef CONFORMANCE_SUITE_JOBS_H
#define CONFORMANCE_SUITE_JOBS_H

#include <stddef.h>

enum { CONF_JOBS_MAX = 64 };

/* Do each of them once, in order of their numbers as far as each begins; return when all are done. Where no thread can be started,
 * those that there are do it.
 * in   jobs  at a time, 1 to CONF_JOBS_MAX
 *      one   job: which of them does it, from 0; i: which thing, below count. It is called from several threads */
void conf_jobs_run(size_t jobs, size_t count, void (*one)(void *ctx, size_t job, size_t i), void *ctx);

#endif
