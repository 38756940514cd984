#include "auth/core/opts.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 64, WIDTH = 80, HELP_COLUMN = 30, NAME_MAX_N = 32 };

static bool is_end(const struct auth_opt *row)
{
    return !row->name && !row->help;
}

/* ---- the nearest name ---- */

/* Levenshtein distance of two names, both shorter than NAME_MAX_N. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_N + 1];
    size_t n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[n];
}

static const char *nearest(const struct auth_opt *rows, const char *name)
{
    const char *best = NULL;
    size_t best_distance = 4; /* farther is no likely slip of the finger */
    if (strlen(name) >= NAME_MAX_N)
        return NULL;
    for (; !is_end(rows); rows++) {
        if (rows->kind == AUTH_OPT_HEADING || strlen(rows->name) >= NAME_MAX_N)
            continue;
        size_t d = distance(name, rows->name);
        if (d < best_distance) {
            best_distance = d;
            best = rows->name;
        }
    }
    return best;
}

/* ---- parsing ---- */

static enum auth_rc store(const struct auth_opt *row, const char *value, struct auth_err *err)
{
    struct auth_opt_list *list;
    int64_t number;
    switch (row->kind) {
    case AUTH_OPT_FLAG:
        *(bool *)row->target = true;
        return AUTH_OK;
    case AUTH_OPT_STRING:
        *(const char **)row->target = value;
        return AUTH_OK;
    case AUTH_OPT_INT:
        if (!auth_view_int(auth_view_of(value), &number) || number < row->min || number > row->max)
            return auth_err_set(err, AUTH_E_ARG, "--%s %.40s: a whole number from %lld to %lld is needed", row->name,
                                value, (long long)row->min, (long long)row->max);
        *(int64_t *)row->target = number;
        return AUTH_OK;
    case AUTH_OPT_LIST:
        list = row->target;
        if (list->count == AUTH_OPT_LIST_MAX)
            return auth_err_set(err, AUTH_E_ARG, "--%s: at most %d times", row->name, AUTH_OPT_LIST_MAX);
        list->items[list->count++] = value;
        return AUTH_OK;
    case AUTH_OPT_HEADING:
        break;
    }
    return auth_err_set(err, AUTH_E_INTERNAL, "an option row without kind");
}

/* getopt_long()'s two forms of the same table. Codes: the letter, or 256 + index for rows without one. */
struct getopt_table {
    struct option options[ROWS_MAX + 1];
    char letters[ROWS_MAX * 2 + 3];
};

static void fill_table(const struct auth_opt *rows, bool stop_at_operand, struct getopt_table *table)
{
    size_t count = 0;
    char *letters = table->letters;
    memset(table, 0, sizeof *table);
    if (stop_at_operand)
        *letters++ = '+';
    *letters++ = ':';
    for (int i = 0; !is_end(&rows[i]) && count < ROWS_MAX; i++) {
        const struct auth_opt *row = &rows[i];
        if (row->kind == AUTH_OPT_HEADING)
            continue;
        int has_value = row->kind == AUTH_OPT_FLAG ? no_argument : required_argument;
        table->options[count++] = (struct option){row->name, has_value, NULL, 256 + i};
        if (row->letter) {
            *letters++ = row->letter;
            if (has_value == required_argument)
                *letters++ = ':';
        }
    }
}

static const struct auth_opt *row_of(const struct auth_opt *rows, int code)
{
    if (code >= 256)
        return &rows[code - 256];
    for (; !is_end(rows); rows++) {
        if (rows->letter && rows->letter == code)
            return rows;
    }
    return NULL;
}

static enum auth_rc unknown(const struct auth_opt *rows, const char *argument, struct auth_err *err)
{
    struct auth_view name = auth_view_of(argument);
    while (name.n && name.p[0] == '-')
        name = auth_view_bytes(name.p + 1, name.n - 1);
    name = auth_view_cut(&name, '=');
    char *copy = auth_view_dup(name);
    const char *near = copy && argument[0] == '-' && argument[1] == '-' ? nearest(rows, copy) : NULL;
    auth_err_set(err, AUTH_E_ARG, near ? "unknown option %.60s; did you mean --%s?" : "unknown option %.60s", argument,
                 near);
    free(copy);
    return AUTH_E_ARG;
}

enum auth_rc auth_opts_parse(int argc, char **argv, const struct auth_opt *rows, bool stop_at_operand,
                             int *first_operand, struct auth_err *err)
{
    struct getopt_table table;
    fill_table(rows, stop_at_operand, &table);
    opterr = 0;
#if defined(__GLIBC__)
    optind = 0; /* also forgets a scan that an earlier call left unfinished */
#else
    optind = 1;
#endif
    for (;;) {
        int before = optind ? optind : 1;
        int code = getopt_long(argc, argv, table.letters, table.options, NULL);
        if (code == -1)
            break;
        const struct auth_opt *row = code == '?' || code == ':' ? NULL : row_of(rows, code);
        if (code == ':')
            return auth_err_set(err, AUTH_E_ARG, "%.60s needs a value", argv[before]);
        if (!row)
            return unknown(rows, argv[before], err);
        enum auth_rc rc = store(row, optarg, err);
        if (rc != AUTH_OK)
            return rc;
    }
    *first_operand = optind;
    return AUTH_OK;
}

/* ---- help ---- */

static void print_wrapped(FILE *to, const char *text, int column)
{
    int at = column;
    struct auth_view rest = auth_view_of(text);
    bool is_first = true;
    while (rest.n) {
        struct auth_view word = auth_view_cut(&rest, ' ');
        if (!is_first && at + 1 + (int)word.n > WIDTH) {
            fprintf(to, "\n%*s", column, "");
            at = column;
            is_first = true;
        }
        fprintf(to, "%s%.*s", is_first ? "" : " ", (int)word.n, word.p);
        at += (int)word.n + !is_first;
        is_first = false;
    }
    fputc('\n', to);
}

void auth_opts_help(FILE *to, const struct auth_opt *rows)
{
    for (; !is_end(rows); rows++) {
        if (rows->kind == AUTH_OPT_HEADING) {
            fprintf(to, "\n%s:\n", rows->help);
            continue;
        }
        int n = rows->letter ? fprintf(to, "  -%c, ", rows->letter) : fprintf(to, "      ");
        n += fprintf(to, "--%s", rows->name);
        if (rows->argument)
            n += fprintf(to, " %s", rows->argument);
        if (n > HELP_COLUMN - 2)
            fprintf(to, "\n%*s", HELP_COLUMN, "");
        else
            fprintf(to, "%*s", HELP_COLUMN - n, "");
        print_wrapped(to, rows->help, HELP_COLUMN);
    }
}
