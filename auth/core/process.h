/* What a program asks of the system about itself: streams, signals, core files. What only some systems have (Linux:
 * /proc, dumpable, pipes that can be widened) is asked for here and nowhere else. */
#ifndef AUTH_CORE_PROCESS_H
#define AUTH_CORE_PROCESS_H

enum auth_process_reach { AUTH_PROCESS_CORE_FILES, AUTH_PROCESS_ALL_DUMPS };

/* The first line of main().
 * Streams: a standard stream that the caller closed is opened on /dev/null, the wrong way round, so that no socket becomes
 * stdout and what is written there still fails. Signals: a file that grows beyond RLIMIT_FSIZE is a failed write(), not the
 * end. Core files: none of this process, its soft limit is 0 from here on.
 * AUTH_PROCESS_ALL_DUMPS: where the system can (Linux) the process is not dumpable at all, which also binds core handlers
 * behind a pipe and keeps other processes of the user from attaching and from /proc/PID/fd: for what holds real keys. Under
 * sanitizers only the limit is set: they trace the process themselves. */
void auth_process_start(enum auth_process_reach reach);
/* The last line of main(): what is still to be written to stdout is written.
 * rc   status; or lost_status, with a line on stderr, when not all of stdout could be written (no line when it was a pipe
 *      whose reader has gone) */
int auth_process_finish(const char *program, int status, int lost_status);
/* End as that signal's default action does, so that whoever waits for us sees it; without a core file, whatever handles them. */
_Noreturn void auth_process_end_by_signal(int number);
/* For a child between fork() and exec(): signals and limits as they were before auth_process_start(). Async-signal-safe. */
void auth_process_restore(void);

enum auth_process_descriptor {
    AUTH_PROCESS_NO_DESCRIPTOR,
    AUTH_PROCESS_OWN_DESCRIPTOR,
    AUTH_PROCESS_OTHERS_DESCRIPTOR
};
/* Whether the path of a symbolic link is the name of an open descriptor (/proc/self/fd/1), and *fd if it is one of ours. */
enum auth_process_descriptor auth_process_descriptor(const char *path, int *fd);
/* The pipe, FIFO or terminal behind fd once more, by a descriptor of our own that does not block: O_NONBLOCK on fd itself
 * would hold for everybody who shares it. -1 where that cannot be had (sockets, no /proc, not permitted). Caller closes. */
int auth_process_open_again(int fd);
/* Let a pipe hold `more` bytes beyond what it can. 0 where that cannot be had. */
int auth_process_widen_pipe(int fd, int more);

#endif
