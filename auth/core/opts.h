/* Command-line options as a table: one static row gives the parser, the default, the help text and the check.
 *
 * A program has one table per subcommand, whose rows say by offset where in its settings a value goes; the AUTH_OPT_…
 * macros let no row name a member of another type. Names are never abbreviated: what is not in the table is an error that
 * names the option and never its value, which may be a secret. Where an option is given twice the last one wins; lists
 * grow. A negative number is no option. What the user gave is known from what is a default: auth_opts_is_given(). */
#ifndef AUTH_CORE_OPTS_H
#define AUTH_CORE_OPTS_H

#include <stdio.h>

#include "auth/core/buf.h"

enum auth_opt_kind {
    AUTH_OPT_KIND_FLAG,   /* bool           set to true */
    AUTH_OPT_KIND_ASK,    /* bool           as a flag, for help and the like: never taken from the environment */
    AUTH_OPT_KIND_STRING, /* const char *   borrowed from argv, the environment or the table */
    AUTH_OPT_KIND_INT,    /* int64_t        decimal, within min..max */
    AUTH_OPT_KIND_TIME,   /* int64_t        epoch seconds, written as auth_time_read() takes them */
    AUTH_OPT_KIND_CHOICE, /* int            position among the words of `argument`, "epic|smart|lenient" */
    AUTH_OPT_KIND_LIST,   /* struct auth_opt_list */
    AUTH_OPT_KIND_HEADING /* no option: a heading line in the help */
};

enum { AUTH_OPT_ROWS_MAX = 96, AUTH_OPT_LIST_MAX = 64 };

struct auth_opt_list {
    const char *items[AUTH_OPT_LIST_MAX]; /* every one given, in order */
    size_t count;
    char *lines; /* what the items borrow from when they come from the environment */
};

struct auth_opt {
    const char *name;     /* long name without dashes */
    char letter;          /* short form, or 0 */
    const char *argument; /* name of the value in the help, e.g. "FILE"; NULL for a flag */
    const char *help;     /* NULL: an older spelling, which is taken but not shown; several rows may share a member */
    enum auth_opt_kind kind;
    size_t at;            /* of the value in the settings */
    int64_t min, max;     /* AUTH_OPT_KIND_INT only */
    const char *fallback; /* the value when none is given, shown in the help; NULL: the settings stay as they were */
    const char *also;     /* other names that people try, "port address"; they are not taken, but lead to this one */
    const char *alone;    /* the value where none is given: it is only taken behind a '=' then, "--name[=WORD]" */
    bool may_be_empty;    /* '' is a value */
};

/* The kind of a row and where its value goes, checked against the member's type. Use with .name, .argument and so on. */
#define AUTH_OPT_PLACE(type, settings, member)                                                                         \
    (offsetof(settings, member) + _Generic(&((settings *)0)->member, type * : (size_t)0))
#define AUTH_OPT_FLAG(settings, member) .kind = AUTH_OPT_KIND_FLAG, .at = AUTH_OPT_PLACE(bool, settings, member)
#define AUTH_OPT_ASK(settings, member) .kind = AUTH_OPT_KIND_ASK, .at = AUTH_OPT_PLACE(bool, settings, member)
#define AUTH_OPT_STRING(settings, member)                                                                              \
    .kind = AUTH_OPT_KIND_STRING, .at = AUTH_OPT_PLACE(const char *, settings, member)
#define AUTH_OPT_INT(settings, member, least, most)                                                                    \
    .kind = AUTH_OPT_KIND_INT, .at = AUTH_OPT_PLACE(int64_t, settings, member), .min = (least), .max = (most)
#define AUTH_OPT_TIME(settings, member) .kind = AUTH_OPT_KIND_TIME, .at = AUTH_OPT_PLACE(int64_t, settings, member)
#define AUTH_OPT_CHOICE(settings, member) .kind = AUTH_OPT_KIND_CHOICE, .at = AUTH_OPT_PLACE(int, settings, member)
#define AUTH_OPT_LIST(settings, member)                                                                                \
    .kind = AUTH_OPT_KIND_LIST, .at = AUTH_OPT_PLACE(struct auth_opt_list, settings, member)
#define AUTH_OPT_HEADING(text)                                                                                         \
    {                                                                                                                  \
        .kind = AUTH_OPT_KIND_HEADING, .help = (text)                                                                  \
    }

struct auth_opts {
    const struct auth_opt *rows; /* ends with a row that has neither name nor help */
    bool stops_at_operand;       /* what follows the first operand is another program's business */
    const char *environment;     /* e.g. "MOCK_EPIC_": --log-level is also MOCK_EPIC_LOG_LEVEL; NULL: not at all */
};

/* Which rows got a value from the user. Zero it first. */
struct auth_opts_given {
    bool rows[AUTH_OPT_ROWS_MAX];
};

/* Read argv[1..], then what the environment says of options that are not there (empty is unset, lists are lines, flags are
 * 1 or 0), then the table's defaults.
 * in   settings  zeroed, or with values that no row has a fallback for; clear it with auth_opts_clear()
 * io   argc      counts the program's name and the operands afterwards
 * io   argv      holds them, NULL-terminated: argv[1] is the first operand
 * out  given     may be NULL
 * rc   AUTH_OK; AUTH_E_ARG (detail names the option and the reason; suggests the likely name for an unknown one);
 *      AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_opts_parse(const struct auth_opts *opts, void *settings,
                                             struct auth_opts_given *given, int *argc, char **argv,
                                             struct auth_err *err);
/* Free what lists own. */
void auth_opts_clear(const struct auth_opts *opts, void *settings);
/* True when the user gave that member of the settings, as in auth_opts_is_given(&opts, &given, &s, &s.listen). */
bool auth_opts_is_given(const struct auth_opts *opts, const struct auth_opts_given *given, const void *settings,
                        const void *member);
/* A word that somebody may have meant as a name, and that can be shown: at most 20 small letters, digits and dashes. What
 * is none may be anything, a credential in the wrong place. */
bool auth_opts_is_word(const char *text);
/* Print the rows as an aligned help list, 80 columns. */
void auth_opts_help(FILE *to, const struct auth_opt *rows);

#endif
