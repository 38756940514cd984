/* What a program asks of the system about itself: streams, core files, memory. */
#ifndef AUTH_CORE_PROCESS_H
#define AUTH_CORE_PROCESS_H

enum auth_process_reach { AUTH_PROCESS_CORE_FILES, AUTH_PROCESS_ALL_DUMPS };

/* Put /dev/null where a standard stream was closed by the caller: else the next socket becomes stdout or stderr, and what
 * is written for people goes to whoever is at its other end. Call it before anything is opened. */
void auth_process_open_standard(void);
/* No core file of this process: its soft limit is 0 from here on.
 * AUTH_PROCESS_ALL_DUMPS: where the system can (Linux) the process is not dumpable at all, which also binds core handlers
 * behind a pipe and keeps other processes of the user from attaching and from /proc/PID/fd: for what holds real keys. Under
 * sanitizers only the limit is set: they trace the process themselves. */
void auth_process_forbid_core(enum auth_process_reach reach);
/* For a child between fork() and exec(): the limit as it was before auth_process_forbid_core(). Async-signal-safe. */
void auth_process_restore_core(void);
/* Many small blocks were freed: let the system have their pages, where that takes asking. glibc keeps them otherwise, in the
 * arena of the thread that got them, and each arena grows to the most that its thread ever held. Takes milliseconds. */
void auth_process_trim_memory(void);

#endif
