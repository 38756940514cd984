/* Command-line options as a table, over getopt_long(): one row gives the parser, the help text and the check.
 *
 * A program has one table per subcommand. Values are stored through the row's target. --help and --version are
 * answered by the caller (they are rows like others). */
#ifndef AUTH_CORE_OPTS_H
#define AUTH_CORE_OPTS_H

#include <stdio.h>

#include "auth/core/buf.h"

enum auth_opt_kind {
    AUTH_OPT_FLAG,   /* bool *         set to true */
    AUTH_OPT_STRING, /* const char **  the last one given wins; borrowed from argv */
    AUTH_OPT_INT,    /* int64_t *      decimal, within min..max */
    AUTH_OPT_LIST,   /* struct auth_opt_list *  every one given, in order */
    AUTH_OPT_HEADING /* no option: a heading line in the help */
};

enum { AUTH_OPT_LIST_MAX = 64 };

struct auth_opt_list {
    const char *items[AUTH_OPT_LIST_MAX];
    size_t count;
};

struct auth_opt {
    const char *name; /* long name without dashes */
    char letter;      /* short form, or 0 */
    enum auth_opt_kind kind;
    const char *argument; /* name of the value in the help, e.g. "FILE"; NULL for a flag */
    const char *help;
    void *target;
    int64_t min, max; /* AUTH_OPT_INT only */
};

/* Parse argv[1..]; stops at "--" or, when stop_at_operand, at the first operand.
 * in   rows   ends with a row whose name and help are NULL
 * out  first_operand  index in argv of the first operand (argv is not permuted beyond that when stop_at_operand)
 * rc   AUTH_OK; AUTH_E_ARG (detail names the option and the reason; suggests the nearest name for an unknown one) */
AUTH_MUST_CHECK enum auth_rc auth_opts_parse(int argc, char **argv, const struct auth_opt *rows, bool stop_at_operand,
                                             int *first_operand, struct auth_err *err);
/* Print the rows as an aligned help list, 80 columns. */
void auth_opts_help(FILE *to, const struct auth_opt *rows);

#endif
