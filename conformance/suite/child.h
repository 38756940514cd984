/* Processes that are started for a run and must not outlive it. */
#ifndef CONFORMANCE_SUITE_CHILD_H
#define CONFORMANCE_SUITE_CHILD_H

#include <limits.h>
#include <sys/types.h>

/* From now on a signal that ends us (a person who interrupts the run, a CI job that is cancelled) ends that process first. Of more
 * than CONF_JOBS_MAX at once, those that are too many are not watched. Threads safe. */
void conf_child_watch(pid_t pid);
/* It has ended. */
void conf_child_forget(pid_t pid);
/* mock-epic beside this program, if it is there, else its name, for PATH. out path is where it is written */
const char *conf_child_mock(char path[PATH_MAX]);

#endif
