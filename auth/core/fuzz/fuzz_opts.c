/* Command lines, a word a line: operands come out as they went in, values keep to their kind and range, and an error shows
 * no long value, for that may be a secret. */
#include <stdlib.h>
#include <string.h>

#include "auth/core/fuzz/must.h"
#include "auth/core/opts.h"
#include "auth/core/time.h"

enum { WORDS_MAX = 100, SHOWN_MAX_N = 32 };

struct settings {
    bool verbose, quiet;
    const char *name;
    int64_t count, at_s;
    int colour;
    struct auth_opt_list items;
};

static const struct auth_opt rows[] = {
    {"verbose", 'v', NULL, "a flag", AUTH_OPT_FLAG(struct settings, verbose)},
    {"quiet", 'q', NULL, "another", AUTH_OPT_ASK(struct settings, quiet)},
    {"name", 'n', "NAME", "a name", AUTH_OPT_STRING(struct settings, name), .also = "title"},
    {"count", 'c', "N", "a number", AUTH_OPT_INT(struct settings, count, -5, 5), .fallback = "1"},
    {"at", 0, "TIME", "a time", AUTH_OPT_TIME(struct settings, at_s)},
    {"colour", 0, "red|green|blue", "a colour", AUTH_OPT_CHOICE(struct settings, colour)},
    {"item", 'i', "ITEM", "an item", AUTH_OPT_LIST(struct settings, items)},
    {.name = NULL},
};

/* Split at line ends. */
static int split(char *text, char *words[WORDS_MAX + 2])
{
    int count = 1;
    words[0] = text; /* the program's name: any text */
    for (char *line = text; line && count <= WORDS_MAX; count++) {
        char *end = strchr(line, '\n');
        words[count] = line;
        if (end)
            *end++ = '\0';
        line = end;
    }
    words[count] = NULL;
    return count;
}

static void check_operands(char *const *before, int before_n, char *const *after, int after_n)
{
    int at = 1;
    MUST(after_n >= 1 && after_n <= before_n && !after[after_n]);
    for (int i = 1; i < after_n; i++) {
        while (at < before_n && before[at] != after[i])
            at++;
        MUST(at++ < before_n); /* one of ours, and in order */
    }
}

static void check_values(const struct settings *s)
{
    MUST(s->count >= -5 && s->count <= 5 && s->colour >= 0 && s->colour <= 2 && auth_time_is_valid(s->at_s));
    MUST(s->items.count <= AUTH_OPT_LIST_MAX && (!s->name || *s->name));
    for (size_t i = 0; i < s->items.count; i++)
        MUST(*s->items.items[i]);
}

static void check_error(char *const *words, int count, const struct auth_err *err)
{
    MUST(err->detail[0]);
    for (int i = 1; i < count; i++) {
        const char *value = strchr(words[i], '=');
        value = value ? value + 1 : words[i];
        MUST(strlen(value) <= SHOWN_MAX_N || (words[i][0] == '-' && value == words[i]) || !strstr(err->detail, value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = auth_view_dup(auth_view_bytes(data, size)), *before[WORDS_MAX + 2], *after[WORDS_MAX + 2];
    if (!text)
        return 0; /* it holds a NUL, which no command line does */
    int count = split(text, before);
    for (int stops = 0; stops < 2; stops++) {
        const struct auth_opts opts = {.rows = rows, .stops_at_operand = stops != 0};
        struct settings settings = {.verbose = false};
        struct auth_err err = {0};
        int argc = count;
        memcpy(after, before, sizeof after);
        if (auth_opts_parse(&opts, &settings, NULL, &argc, after, &err) == AUTH_OK) {
            check_operands(before, count, after, argc);
            check_values(&settings);
        } else {
            check_error(before, count, &err);
        }
    }
    free(text);
    return 0;
}
