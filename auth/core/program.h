/* A program that is a table of commands: which word runs what, its help, its version, and what is said to a word that is none. */
#ifndef AUTH_CORE_PROGRAM_H
#define AUTH_CORE_PROGRAM_H

#include "auth/core/process.h"

struct auth_command {
    const char *name;                   /* small letters and dashes */
    int (*main)(int argc, char **argv); /* argv[0] is the name; returns the exit status */
    const char *help;                   /* one line */
};

struct auth_program {
    const char *name;                    /* "epic-auth" */
    const struct auth_command *commands; /* the last is followed by one whose name is NULL */
    const char *about;                   /* help before the commands, whole lines; or "" */
    const char *notes;                   /* and behind them */
    enum auth_process_reach reach;       /* how well its memory is kept */
    int lost_status;                     /* the exit status when stdout could not be written */
};

enum { AUTH_PROGRAM_USAGE = 2 }; /* exit status of a word that is no command, and of none */

/* All of main(): the command that argv[1] names, or help (also "help COMMAND"), --help, -h, --version, -V.
 * rc   the exit status */
int auth_program_main(const struct auth_program *program, int argc, char **argv);

#endif
