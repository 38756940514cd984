/* What a program that holds secrets asks of the system about itself. */
#ifndef AUTH_CORE_PROCESS_H
#define AUTH_CORE_PROCESS_H

/* No core file of this process: its soft limit is 0 from here on, and where the system can (Linux) the process is not
 * dumpable at all, which also keeps core handlers behind a pipe and other processes' debuggers away. Under sanitizers only
 * the limit is set: they trace the process themselves. */
void auth_process_forbid_core(void);
/* For a child between fork() and exec(): the limit as it was before auth_process_forbid_core(). Async-signal-safe. */
void auth_process_restore_core(void);

#endif
