/* Options from argv and the environment into settings, by a table. */
#include "auth/core/opts.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/log.h"
#include "auth/core/text.h"
#include "auth/core/time.h"

enum { WIDTH = 80, HELP_COLUMN = 30, NAME_MAX_N = 32, LABEL_N = 64, SHOWN_VALUE_MAX_N = 32, WORD_MAX_N = 20 };

static bool is_end(const struct auth_opt *row)
{
    return !row->name && !row->help;
}

static bool is_option(const struct auth_opt *row)
{
    return row->kind != AUTH_OPT_KIND_HEADING;
}

/* An option that people are told of: not an older spelling. */
static bool is_shown(const struct auth_opt *row)
{
    return is_option(row) && row->help;
}

static bool wants_value(const struct auth_opt *row)
{
    return row->kind != AUTH_OPT_KIND_FLAG && row->kind != AUTH_OPT_KIND_ASK;
}

static const struct auth_opt *row_named(const struct auth_opt *rows, struct auth_view name)
{
    for (; !is_end(rows); rows++) {
        if (is_option(rows) && auth_view_equals(name, rows->name))
            return rows;
    }
    return NULL;
}

static const struct auth_opt *row_of_letter(const struct auth_opt *rows, char letter)
{
    for (; !is_end(rows); rows++) {
        if (is_option(rows) && rows->letter && rows->letter == letter)
            return rows;
    }
    return NULL;
}

/* ---- the likely name for an unknown one ---- */

static bool has_word(const char *words, struct auth_view word)
{
    struct auth_view rest = auth_view_from_string(words);
    while (rest.n) {
        if (auth_view_equals_view(auth_view_split(&rest, ' '), word))
            return true;
    }
    return false;
}

/* One slip in three letters is likely, more is another word. */
static const struct auth_opt *nearest(const struct auth_opt *rows, struct auth_view name)
{
    const struct auth_opt *best = NULL;
    size_t best_distance = name.n / 3 + 1;
    for (; name.n < NAME_MAX_N && !is_end(rows); rows++) {
        struct auth_view own = auth_view_from_string(rows->name);
        if (!is_shown(rows) || own.n >= NAME_MAX_N)
            continue;
        size_t d = auth_text_distance(name, own);
        if (d < best_distance) {
            best_distance = d;
            best = rows;
        }
    }
    return best;
}

/* The only option that begins so. */
static const struct auth_opt *completed(const struct auth_opt *rows, struct auth_view name)
{
    const struct auth_opt *found = NULL;
    for (; name.n >= 2 && !is_end(rows); rows++) {
        if (!is_shown(rows) || strlen(rows->name) < name.n || memcmp(rows->name, name.p, name.n) != 0)
            continue;
        if (found)
            return NULL;
        found = rows;
    }
    return found;
}

static const struct auth_opt *likely(const struct auth_opt *rows, struct auth_view name)
{
    for (const struct auth_opt *row = rows; !is_end(row); row++) {
        if (has_word(row->also, name))
            return row;
    }
    const struct auth_opt *found = completed(rows, name);
    return found ? found : nearest(rows, name);
}

/* ---- values ---- */

/* What a value goes into. */
struct place {
    const struct auth_opt *row;
    void *settings;
    const char *label; /* "--name" or "MOCK_EPIC_NAME" */
    struct auth_err *err;
};

/* Complain about a value. It is shown only while it is short: longer ones are credentials in the wrong place. */
static enum auth_rc refuse(const struct place *to, const char *value, const char *reason)
{
    bool is_shown = strlen(value) <= SHOWN_VALUE_MAX_N;
    return auth_err_set(to->err, AUTH_E_ARG, "%s%s%s: %s", to->label, is_shown && *value ? " " : "",
                        is_shown ? value : "", reason);
}

static enum auth_rc store_int(const struct place *to, const char *value)
{
    int64_t *number = (int64_t *)(void *)((char *)to->settings + to->row->at);
    char reason[96];
    int64_t read;
    if (auth_view_int(auth_view_from_string(value), &read) && read >= to->row->min && read <= to->row->max) {
        *number = read;
        return AUTH_OK;
    }
    (void)snprintf(reason, sizeof reason, "a whole number from %lld to %lld is needed", (long long)to->row->min,
                   (long long)to->row->max);
    return refuse(to, value, reason);
}

static enum auth_rc store_time(const struct place *to, const char *value)
{
    int64_t *time_s = (int64_t *)(void *)((char *)to->settings + to->row->at);
    if (auth_time_read(auth_view_from_string(value), time_s))
        return AUTH_OK;
    return refuse(to, value,
                  "write a time as 2026-11-23T18:00:00Z, epoch seconds or a Date header, " AUTH_TIME_RANGE_TEXT);
}

static enum auth_rc store_choice(const struct place *to, const char *value)
{
    int *choice = (int *)(void *)((char *)to->settings + to->row->at);
    struct auth_view rest = auth_view_from_string(to->row->argument);
    struct auth_buf words;
    for (int i = 0; rest.n; i++) {
        if (auth_view_equals(auth_view_split(&rest, '|'), value)) {
            *choice = i;
            return AUTH_OK;
        }
    }
    auth_buf_init(&words, 256);
    for (rest = auth_view_from_string(to->row->argument); rest.n;) {
        struct auth_view word = auth_view_split(&rest, '|');
        auth_buf_addf(&words, "%s%.*s", !words.n ? "" : rest.n ? ", " : " or ", (int)word.n, word.p);
    }
    enum auth_rc rc = refuse(to, value, auth_buf_ok(&words) ? words.p : to->row->argument);
    auth_buf_clear(&words);
    return rc;
}

static enum auth_rc store_item(const struct place *to, const char *value)
{
    struct auth_opt_list *list = (struct auth_opt_list *)(void *)((char *)to->settings + to->row->at);
    if (list->count == AUTH_OPT_LIST_MAX)
        return auth_err_set(to->err, AUTH_E_ARG, "%s: at most %d times", to->label, AUTH_OPT_LIST_MAX);
    list->items[list->count++] = value;
    return AUTH_OK;
}

/* value is NULL for flags */
static enum auth_rc store(const struct place *to, const char *value)
{
    void *member = (char *)to->settings + to->row->at;
    if (value && !*value && !to->row->may_be_empty)
        return auth_err_set(to->err, AUTH_E_ARG, "%s needs a value; it is empty", to->label);
    switch (to->row->kind) {
    case AUTH_OPT_KIND_FLAG:
    case AUTH_OPT_KIND_ASK:
        *(bool *)member = true;
        return AUTH_OK;
    case AUTH_OPT_KIND_STRING:
        *(const char **)member = value;
        return AUTH_OK;
    case AUTH_OPT_KIND_INT:
        return store_int(to, value);
    case AUTH_OPT_KIND_TIME:
        return store_time(to, value);
    case AUTH_OPT_KIND_CHOICE:
        return store_choice(to, value);
    case AUTH_OPT_KIND_LIST:
        return store_item(to, value);
    case AUTH_OPT_KIND_HEADING:
        break;
    }
    return auth_err_set(to->err, AUTH_E_INTERNAL, "an option row without kind");
}

/* ---- the command line ---- */

struct scan {
    const struct auth_opts *opts;
    void *settings;
    struct auth_opts_given *given;
    int argc;
    char **argv;
    int next;     /* word to look at */
    int operands; /* they are gathered at argv[1..operands], where no word is still to be read */
    struct auth_err *err;
};

static enum auth_rc take(struct scan *s, const struct auth_opt *row, const char *value)
{
    char label[LABEL_N];
    struct place to = {row, s->settings, label, s->err};
    (void)snprintf(label, sizeof label, "--%s", row->name);
    s->given->rows[row - s->opts->rows] = true;
    return store(&to, value);
}

/* The name in a word that begins with dashes: up to anything that no name holds, for what follows may be a secret. */
static struct auth_view name_in(const char *word)
{
    struct auth_view name = auth_view_from_string(word + 2);
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    name.n = strspn(name.p, letters);
    return name;
}

static enum auth_rc unknown(const struct scan *s, struct auth_view name)
{
    const struct auth_opt *row = likely(s->opts->rows, name);
    int shown_n = (int)(name.n < NAME_MAX_N ? name.n : NAME_MAX_N);
    return auth_err_set(s->err, AUTH_E_ARG, "unknown option --%.*s%s%s%s", shown_n, name.p,
                        row ? "; did you mean --" : "", row ? row->name : "", row ? "?" : "");
}

/* The word behind an option is its value, unless it is plainly the next option: then the value was forgotten. */
static enum auth_rc take_next(struct scan *s, const struct auth_opt *row)
{
    const char *word = s->next < s->argc ? s->argv[s->next] : NULL;
    bool is_option_word =
        word && strncmp(word, "--", 2) == 0 && (!word[2] || row_named(s->opts->rows, name_in(word)) != NULL);
    if (!word || is_option_word)
        return auth_err_set(s->err, AUTH_E_ARG, "--%s needs a value", row->name);
    s->next++;
    return take(s, row, word);
}

/* "--name", "--name=value", "--name value" */
static enum auth_rc read_long(struct scan *s, const char *word)
{
    struct auth_view rest = auth_view_from_string(word + 2);
    const struct auth_opt *row = row_named(s->opts->rows, auth_view_split(&rest, '='));
    const char *value = strchr(word, '=');
    if (!row)
        return unknown(s, name_in(word));
    if (!wants_value(row) && value)
        return auth_err_set(s->err, AUTH_E_ARG, "--%s takes no value", row->name);
    if (!wants_value(row))
        return take(s, row, NULL);
    if (!value && row->alone)
        return take(s, row, row->alone);
    return value ? take(s, row, value + 1) : take_next(s, row);
}

/* "-h", "-vh", "-oFILE", "-o FILE" */
static enum auth_rc read_short(struct scan *s, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct auth_opt *row = row_of_letter(s->opts->rows, *letter);
        if (!row)
            return auth_err_set(s->err, AUTH_E_ARG, "unknown option -%c",
                                *letter > ' ' && *letter < 0x7f ? *letter : '?');
        if (wants_value(row))
            return letter[1] ? take(s, row, letter + 1) : take_next(s, row);
        enum auth_rc rc = take(s, row, NULL);
        if (rc != AUTH_OK)
            return rc;
    }
    return AUTH_OK;
}

static enum auth_rc read_words(struct scan *s)
{
    bool is_operand = false; /* every word from here on */
    while (s->next < s->argc) {
        char *word = s->argv[s->next++];
        enum auth_rc rc = AUTH_OK;
        if (!is_operand && strcmp(word, "--") == 0) {
            is_operand = true;
        } else if (is_operand || word[0] != '-' || !word[1] || (word[1] >= '0' && word[1] <= '9')) {
            s->argv[++s->operands] = word;
            is_operand = is_operand || s->opts->stops_at_operand;
        } else {
            rc = word[1] == '-' ? read_long(s, word) : read_short(s, word);
        }
        if (rc != AUTH_OK)
            return rc;
    }
    return AUTH_OK;
}

/* ---- the environment ---- */

static void variable_of(const char *prefix, const char *option, char name[LABEL_N])
{
    (void)snprintf(name, LABEL_N, "%s%s", prefix, option);
    for (char *c = name; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        else if (*c == '-')
            *c = '_';
    }
}

static enum auth_rc store_flag_text(const struct place *to, const char *value)
{
    if (strcmp(value, "0") == 0)
        return AUTH_OK;
    return strcmp(value, "1") == 0 ? store(to, NULL) : refuse(to, value, "1 or 0");
}

static enum auth_rc store_lines(const struct place *to, const char *value)
{
    struct auth_opt_list *list = (struct auth_opt_list *)(void *)((char *)to->settings + to->row->at);
    list->lines = auth_view_dup(auth_view_from_string(value));
    if (!list->lines)
        return auth_err_no_memory(to->err);
    for (char *line = list->lines; line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        enum auth_rc rc = *line ? store_item(to, line) : AUTH_OK;
        if (rc != AUTH_OK)
            return rc;
        line = end;
    }
    return AUTH_OK;
}

static enum auth_rc read_variable(const struct scan *s, const struct auth_opt *row)
{
    char name[LABEL_N];
    struct place to = {row, s->settings, name, s->err};
    variable_of(s->opts->environment, row->name, name);
    const char *value = getenv(name);
    if (!value || !*value)
        return AUTH_OK;
    s->given->rows[row - s->opts->rows] = true;
    if (row->kind == AUTH_OPT_KIND_FLAG)
        return store_flag_text(&to, value);
    return row->kind == AUTH_OPT_KIND_LIST ? store_lines(&to, value) : store(&to, value);
}

/* Who asks for help is not to be told of a variable. */
static bool is_asked(const struct scan *s)
{
    bool is_one = false;
    for (const struct auth_opt *row = s->opts->rows; !is_end(row); row++)
        is_one = is_one || (row->kind == AUTH_OPT_KIND_ASK && s->given->rows[row - s->opts->rows]);
    return is_one;
}

/* By this spelling or another. */
static bool has_value(const struct scan *s, const struct auth_opt *row)
{
    for (const struct auth_opt *other = s->opts->rows; !is_end(other); other++) {
        if (is_option(other) && other->at == row->at && s->given->rows[other - s->opts->rows])
            return true;
    }
    return false;
}

/* What argv left open. */
static enum auth_rc read_rest(const struct scan *s)
{
    bool has_environment = s->opts->environment && !is_asked(s);
    for (const struct auth_opt *row = s->opts->rows; !is_end(row); row++) {
        struct place to = {row, s->settings, row->name, s->err};
        enum auth_rc rc = AUTH_OK;
        if (!is_option(row) || has_value(s, row))
            continue;
        if (has_environment && row->kind != AUTH_OPT_KIND_ASK)
            rc = read_variable(s, row);
        if (rc == AUTH_OK && row->fallback && !has_value(s, row))
            rc = store(&to, row->fallback);
        if (rc != AUTH_OK)
            return rc;
    }
    return AUTH_OK;
}

enum auth_rc auth_opts_parse(const struct auth_opts *opts, void *settings, struct auth_opts_given *given, int *argc,
                             char **argv, struct auth_err *err)
{
    struct auth_opts_given unasked = {.rows = {false}};
    struct scan s = {
        .opts = opts,
        .settings = settings,
        .given = given ? given : &unasked,
        .argc = *argc,
        .argv = argv,
        .next = 1,
        .err = err,
    };
    size_t count = 0;
    while (!is_end(&opts->rows[count]))
        count++;
    if (count > AUTH_OPT_ROWS_MAX)
        return auth_err_set(err, AUTH_E_INTERNAL, "more than %d option rows", AUTH_OPT_ROWS_MAX);
    enum auth_rc rc = read_words(&s);
    if (rc != AUTH_OK)
        return rc;
    argv[s.operands + 1] = NULL; /* argv[argc] was, so there is a place */
    *argc = s.operands + 1;
    return read_rest(&s);
}

void auth_opts_clear(const struct auth_opts *opts, void *settings)
{
    for (const struct auth_opt *row = opts->rows; !is_end(row); row++) {
        struct auth_opt_list *list = (struct auth_opt_list *)(void *)((char *)settings + row->at);
        if (row->kind != AUTH_OPT_KIND_LIST)
            continue;
        free(list->lines);
        *list = (struct auth_opt_list){.count = 0};
    }
}

bool auth_opts_is_given(const struct auth_opts *opts, const struct auth_opts_given *given, const void *settings,
                        const void *member)
{
    size_t at = (size_t)((const char *)member - (const char *)settings);
    for (const struct auth_opt *row = opts->rows; !is_end(row); row++) {
        if (is_option(row) && row->at == at && given->rows[row - opts->rows])
            return true;
    }
    return false;
}

bool auth_opts_is_word(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n > 0 && n <= WORD_MAX_N && !text[n];
}

/* ---- help ---- */

struct line {
    FILE *to;
    int at;
    bool is_empty;
};

static void print_wrapped(struct line *line, struct auth_view text)
{
    while (text.n) {
        struct auth_view word = auth_view_split(&text, ' ');
        if (!line->is_empty && line->at + 1 + (int)word.n > WIDTH) {
            fprintf(line->to, "\n%*s", HELP_COLUMN, "");
            line->at = HELP_COLUMN;
            line->is_empty = true;
        }
        fprintf(line->to, "%s%.*s", line->is_empty ? "" : " ", (int)word.n, word.p);
        line->at += (int)word.n + !line->is_empty;
        line->is_empty = false;
    }
}

static void print_row(FILE *to, const struct auth_opt *row)
{
    struct line line = {to, HELP_COLUMN, true};
    int n = row->letter ? fprintf(to, "  -%c, ", row->letter) : fprintf(to, "      ");
    n += fprintf(to, "--%s", row->name);
    if (row->argument)
        n += fprintf(to, row->alone ? "[=%s]" : " %s", row->argument);
    if (n > HELP_COLUMN - 2)
        fprintf(to, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(to, "%*s", HELP_COLUMN - n, "");
    print_wrapped(&line, auth_view_from_string(row->help));
    if (row->fallback && *row->fallback) {
        char fallback[LABEL_N];
        (void)snprintf(fallback, sizeof fallback, "(%s)", row->fallback);
        print_wrapped(&line, auth_view_from_string(fallback));
    }
    fputc('\n', to);
}

void auth_opts_help(FILE *to, const struct auth_opt *rows)
{
    for (; !is_end(rows); rows++) {
        if (is_shown(rows))
            print_row(to, rows);
        else if (!is_option(rows))
            fprintf(to, "\n%s:\n", rows->help);
    }
}
