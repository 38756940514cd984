/* A process that is started for a run and must not outlive it. */
#ifndef CONFORMANCE_SUITE_CHILD_H
#define CONFORMANCE_SUITE_CHILD_H

#include <limits.h>
#include <sys/types.h>

/* From now on a signal that ends us (a person who interrupts the run, a CI job that is cancelled) ends that process first; 0:
 * none. */
void conf_child_watch(pid_t pid);
/* mock-epic beside this program, if it is there, else its name, for PATH. out path is where it is written */
const char *conf_child_mock(char path[PATH_MAX]);

#endif
