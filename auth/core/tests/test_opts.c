/* Options as a table: every spelling, every error, and what an error must not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/opts.h"

enum { WORDS_MAX = 8 };

struct settings {
    struct auth_opts_given given;
    bool verbose, quiet, help;
    const char *name, *token_file, *empty;
    int64_t count, at_s;
    int colour;
    struct auth_opt_list items;
};

static const struct auth_opt rows[] = {
    AUTH_OPT_HEADING("General"),
    {"verbose", 'v', NULL, "say more", AUTH_OPT_FLAG(struct settings, verbose)},
    {"quiet", 'q', NULL, "say less", AUTH_OPT_FLAG(struct settings, quiet)},
    {"name", 'n', "NAME",
     "a name that needs a help text of so many words that it does not fit on one line of a terminal that is eighty "
     "columns wide",
     AUTH_OPT_STRING(struct settings, name), .fallback = "nobody", .also = "title label"},
    {"admin-token-file", 0, "FILE", "a file", AUTH_OPT_STRING(struct settings, token_file)},
    {"empty", 0, "TEXT", "may be empty", AUTH_OPT_STRING(struct settings, empty), .fallback = "x",
     .may_be_empty = true},
    {"a-name-that-is-far-too-long", 'c', "N", "a count", AUTH_OPT_INT(struct settings, count, -1, 10), .fallback = "7"},
    {"at", 0, "TIME", "a time", AUTH_OPT_TIME(struct settings, at_s)},
    {"colour", 0, "red|green|blue", "a colour", AUTH_OPT_CHOICE(struct settings, colour), .fallback = "green"},
    {"color-was", 0, "red|green|blue", NULL, AUTH_OPT_CHOICE(struct settings, colour)},
    {"item", 'i', "ITEM", "an item", AUTH_OPT_LIST(struct settings, items)},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct settings, help)},
    {.name = NULL},
};

static const struct auth_opts opts = {.rows = rows, .environment = "TEST_OPTS_"};
static const struct auth_opts stopping = {.rows = rows, .stops_at_operand = true};

/* The words as a program gets them. Returns AUTH_OK, or the code of the error in err. */
static enum auth_rc parse(const struct auth_opts *how, const char *const *words, struct settings *settings, int *argc,
                          char *argv[WORDS_MAX + 2], struct auth_err *err)
{
    static char copies[WORDS_MAX + 1][512];
    *argc = 1;
    argv[0] = copies[0];
    for (; words[*argc - 1]; (*argc)++) {
        (void)snprintf(copies[*argc], sizeof copies[*argc], "%s", words[*argc - 1]);
        argv[*argc] = copies[*argc];
    }
    argv[*argc] = NULL;
    memset(settings, 0, sizeof *settings);
    memset(err, 0, sizeof *err);
    return auth_opts_parse(how, settings, &settings->given, argc, argv, err);
}

/* ---- what is taken ---- */

static void test_every_spelling_gives_the_same(void **state)
{
    static const char *const spellings[][WORDS_MAX] = {
        {"-v", "-n", "x", "-i", "1", "-i2", "op"},
        {"-vnx", "-i1", "--item=2", "--", "op"},
        {"--verbose", "--name=x", "--item", "1", "--item=2", "op"},
        {"op", "-vn", "x", "-i1", "-i2"},
        {"-i1", "op", "--name", "y", "-i2", "-v", "-nx"}, /* the last one wins */
    };
    (void)state;
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct settings s;
        struct auth_err err;
        char *argv[WORDS_MAX + 2];
        int argc;
        assert_int_equal(parse(&opts, spellings[i], &s, &argc, argv, &err), AUTH_OK);
        assert_true(s.verbose && !s.quiet && !s.help && s.count == 7 && s.colour == 1);
        assert_string_equal(s.name, "x");
        assert_int_equal(s.items.count, 2);
        assert_string_equal(s.items.items[0], "1");
        assert_string_equal(s.items.items[1], "2");
        assert_int_equal(argc, 2);
        assert_string_equal(argv[1], "op");
        assert_null(argv[2]);
    }
}

static void test_operands(void **state)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *operands; /* joined by a space */
        bool stops, verbose;
    } cases[] = {
        {{"a", "-v", "b"}, "a b", false, true},
        {{"a", "-v", "b"}, "a -v b", true, false},
        {{"-v", "--", "-v", "--"}, "-v --", false, true},
        {{"-v", "--", "-v", "--"}, "-v --", true, true},
        {{"-", "-v"}, "-", false, true},
        {{"--", "a"}, "a", true, false},
        {{"a", "--", "b"}, "a -- b", true, false},
        {{"a", "--", "-q"}, "a -q", false, false},
        {{""}, "", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings s;
        struct auth_err err;
        char *argv[WORDS_MAX + 2], joined[256] = "";
        int argc;
        assert_int_equal(parse(cases[i].stops ? &stopping : &opts, cases[i].words, &s, &argc, argv, &err), AUTH_OK);
        for (int k = 1; k < argc; k++)
            (void)snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", k > 1 ? " " : "", argv[k]);
        if (strcmp(joined, cases[i].operands) != 0 || s.verbose != cases[i].verbose || argv[argc])
            fail_msg("row %zu: operands \"%s\", verbose %d", i, joined, s.verbose);
    }
}

static void test_what_was_given_is_known(void **state)
{
    static const char *const none[] = {NULL}, *const as_default[] = {"--name=nobody", "-c", "7", "--colour=green",
                                                                     NULL};
    struct settings s;
    struct auth_err err;
    char *argv[WORDS_MAX + 2];
    int argc;
    (void)state;
    assert_int_equal(parse(&opts, none, &s, &argc, argv, &err), AUTH_OK);
    assert_string_equal(s.name, "nobody");
    assert_false(
        auth_opts_is_given(&opts, &s.given, &s, &s.name) || auth_opts_is_given(&opts, &s.given, &s, &s.count) ||
        auth_opts_is_given(&opts, &s.given, &s, &s.colour) || auth_opts_is_given(&opts, &s.given, &s, &s.items));
    assert_int_equal(parse(&opts, as_default, &s, &argc, argv, &err), AUTH_OK);
    assert_true(auth_opts_is_given(&opts, &s.given, &s, &s.name) && auth_opts_is_given(&opts, &s.given, &s, &s.count) &&
                auth_opts_is_given(&opts, &s.given, &s, &s.colour));
    assert_false(auth_opts_is_given(&opts, &s.given, &s, &s.items) ||
                 auth_opts_is_given(&opts, &s.given, &s, &s.given));
}

/* ---- what is not ---- */

#define SECRET "s3cr3t-0f-twenty-and-more-letters-that-nobody-may-see"

static const struct {
    const char *words[WORDS_MAX];
    const char *says;
} error_rows[] = {
    {{"--admin-token=" SECRET}, "unknown option --admin-token; did you mean --admin-token-file?"},
    {{"--admin-token", SECRET}, "unknown option --admin-token; did you mean --admin-token-file?"},
    {{"op", "--admin-token=" SECRET}, "unknown option --admin-token; did you mean --admin-token-file?"},
    {{"op", "--admin-token-f", SECRET}, "unknown option --admin-token-f; did you mean --admin-token-file?"},
    {{"--nam=" SECRET}, "unknown option --nam; did you mean --name?"},
    {{"--naem", SECRET}, "unknown option --naem; did you mean --name?"},
    {{"--title", SECRET}, "unknown option --title; did you mean --name?"},
    {{"--labe", SECRET}, "unknown option --labe"},
    {{"--v"}, "unknown option --v"},
    {{"--ve"}, "unknown option --ve; did you mean --verbose?"},
    {{"--port", SECRET}, "unknown option --port"}, /* not "did you mean --empty?" */
    {{"--x." SECRET}, "unknown option --x"},
    {{"--"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
     "unknown option --aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {{"-x" SECRET}, "unknown option -x"},
    {{"-vx" SECRET}, "unknown option -x"},
    {{"op", "-x"}, "unknown option -x"},
    {{"-\033"}, "unknown option -?"},
    {{"--verbose=" SECRET}, "--verbose takes no value"},
    {{"--verbose="}, "--verbose takes no value"},
    {{"--name"}, "--name needs a value"},
    {{"op", "-n"}, "--name needs a value"},
    {{"-vn"}, "--name needs a value"},
    {{"--name", "--", "op"}, "--name needs a value"},
    {{"--name", "--item=1"}, "--name needs a value"},
    {{"--name="}, "--name needs a value; it is empty"},
    {{"-n", ""}, "--name needs a value; it is empty"},
    {{"--item", ""}, "--item needs a value; it is empty"},
    {{"-c", "11"}, "--a-name-that-is-far-too-long 11: a whole number from -1 to 10 is needed"},
    {{"-c-2"}, "--a-name-that-is-far-too-long -2: a whole number from -1 to 10 is needed"},
    {{"-c", "1x"}, "--a-name-that-is-far-too-long 1x: a whole number from -1 to 10 is needed"},
    {{"-c", "9999999999999999999"}, "--a-name-that-is-far-too-long 9999999999999999999: a whole number"},
    {{"-c", SECRET}, "--a-name-that-is-far-too-long: a whole number from -1 to 10 is needed"},
    {{"--colour", "rde"}, "--colour rde: red, green or blue"},
    {{"--colour", "red|green"}, "--colour red|green: red, green or blue"},
    {{"--colour", SECRET}, "--colour: red, green or blue"},
    {{"--at", "today"}, "--at today: write a time as 2026-11-23T18:00:00Z"},
    {{"--at", "253402300800"}, "1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z"},
    {{"--at", "-1"}, "--at -1: write a time"},
    {{"--at", "9223372036854775807"}, "--at 9223372036854775807: write a time"},
    {{"--at", SECRET}, "--at: write a time"},
};

static void test_errors_name_the_option_and_no_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_rows / sizeof *error_rows; i++) {
        struct settings s;
        struct auth_err err;
        char *argv[WORDS_MAX + 2];
        int argc;
        enum auth_rc rc = parse(&opts, error_rows[i].words, &s, &argc, argv, &err);
        bool is_exact = strstr(error_rows[i].says, "unknown") == NULL || strcmp(err.detail, error_rows[i].says) == 0;
        if (rc != AUTH_E_ARG || !strstr(err.detail, error_rows[i].says) || !is_exact || strstr(err.detail, "s3cr3t"))
            fail_msg("row %zu: rc %d, \"%s\"", i, (int)rc, err.detail);
    }
}

static void test_nearest_values_that_are_taken(void **state)
{
    static const char *const words[] = {"-c10", "--at",          "253402300799", "--empty=", "--name=--item",
                                        "-n-",  "--colour=blue", "-c-1",         NULL};
    struct settings s;
    struct auth_err err;
    char *argv[WORDS_MAX + 2];
    int argc;
    (void)state;
    assert_int_equal(parse(&opts, words, &s, &argc, argv, &err), AUTH_OK);
    assert_true(s.count == -1 && s.at_s == 253402300799 && s.colour == 2 && s.items.count == 0);
    assert_string_equal(s.empty, "");
    assert_string_equal(s.name, "-");
}

static void test_too_many_of_a_list_option(void **state)
{
    struct settings settings = {.verbose = false};
    char *argv[AUTH_OPT_LIST_MAX + 3] = {NULL};
    char program[] = "p", item[] = "--item=x";
    struct auth_err err = {0};
    int argc = AUTH_OPT_LIST_MAX + 1;
    (void)state;
    argv[0] = program;
    for (int i = 1; i <= AUTH_OPT_LIST_MAX + 1; i++)
        argv[i] = item;
    argv[argc] = NULL;
    assert_int_equal(auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err), AUTH_OK);
    assert_int_equal(settings.items.count, AUTH_OPT_LIST_MAX);
    assert_int_equal(argc, 1);
    memset(&settings, 0, sizeof settings);
    for (int i = 1; i <= AUTH_OPT_LIST_MAX + 1; i++)
        argv[i] = item;
    argc = AUTH_OPT_LIST_MAX + 2;
    assert_int_equal(auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err), AUTH_E_ARG);
    assert_non_null(strstr(err.detail, "at most 64"));
}

/* An older spelling is taken, and counts for the member; nobody is told of it. */
static void test_an_older_spelling(void **state)
{
    static const char *const older[] = {"--color-was=blue", NULL}, *const slip[] = {"--color-wa=blue", NULL};
    struct settings s;
    struct auth_err err;
    char *argv[WORDS_MAX + 2];
    int argc;
    (void)state;
    assert_int_equal(parse(&opts, older, &s, &argc, argv, &err), AUTH_OK);
    assert_true(s.colour == 2 && auth_opts_is_given(&opts, &s.given, &s, &s.colour));
    assert_int_equal(parse(&opts, slip, &s, &argc, argv, &err), AUTH_E_ARG);
    assert_null(strstr(err.detail, "color-was"));
}

/* ---- the environment ---- */

static void test_environment(void **state)
{
    static const char *const none[] = {NULL}, *const typed[] = {"--name=typed", "-i", "t", NULL},
                             *const help[] = {"-h", NULL};
    static const struct {
        const char *name, *value, *says;
    } bad[] = {
        {"TEST_OPTS_VERBOSE", "yes", "TEST_OPTS_VERBOSE yes: 1 or 0"},
        {"TEST_OPTS_A_NAME_THAT_IS_FAR_TOO_LONG", "11", "TEST_OPTS_A_NAME_THAT_IS_FAR_TOO_LONG 11: a whole number"},
        {"TEST_OPTS_COLOUR", SECRET, "TEST_OPTS_COLOUR: red, green or blue"},
    };
    struct settings s;
    struct auth_err err;
    char *argv[WORDS_MAX + 2];
    int argc;
    (void)state;
    setenv("TEST_OPTS_NAME", "env", 1);
    setenv("TEST_OPTS_ITEM", "a\n\nb c\n", 1);
    setenv("TEST_OPTS_QUIET", "1", 1);
    setenv("TEST_OPTS_VERBOSE", "0", 1);
    setenv("TEST_OPTS_COLOUR", "", 1); /* empty is unset */
    setenv("TEST_OPTS_HELP", "1", 1);  /* nobody asks for help this way */
    assert_int_equal(parse(&opts, none, &s, &argc, argv, &err), AUTH_OK);
    assert_string_equal(s.name, "env");
    assert_true(s.quiet && !s.verbose && !s.help && s.colour == 1 && s.items.count == 2);
    assert_string_equal(s.items.items[1], "b c");
    assert_true(auth_opts_is_given(&opts, &s.given, &s, &s.name) &&
                !auth_opts_is_given(&opts, &s.given, &s, &s.colour));
    auth_opts_clear(&opts, &s);
    assert_int_equal(parse(&opts, typed, &s, &argc, argv, &err), AUTH_OK);
    assert_string_equal(s.name, "typed");
    assert_true(s.items.count == 1 && strcmp(s.items.items[0], "t") == 0);
    auth_opts_clear(&opts, &s);
    assert_int_equal(parse(&stopping, none, &s, &argc, argv, &err), AUTH_OK);
    assert_string_equal(s.name, "nobody"); /* this table has no environment */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        setenv(bad[i].name, bad[i].value, 1);
        assert_int_equal(parse(&opts, none, &s, &argc, argv, &err), AUTH_E_ARG);
        if (!strstr(err.detail, bad[i].says))
            fail_msg("row %zu: \"%s\"", i, err.detail);
        auth_opts_clear(&opts, &s);
        assert_int_equal(parse(&opts, help, &s, &argc, argv, &err), AUTH_OK); /* help comes in spite of it */
        assert_true(s.help && s.count == 7);
        unsetenv(bad[i].name);
    }
}

/* ---- help ---- */

static void test_help_fits_the_terminal_and_shows_defaults(void **state)
{
    char text[4096] = "";
    FILE *file = fmemopen(text, sizeof text - 1, "w");
    (void)state;
    assert_non_null(file);
    auth_opts_help(file, rows);
    fclose(file);
    assert_non_null(strstr(text, "\nGeneral:\n"));
    assert_non_null(strstr(text, "  -n, --name NAME"));
    assert_non_null(strstr(text, "  -i, --item ITEM"));
    assert_non_null(strstr(text, "(nobody)\n"));
    assert_non_null(strstr(text, "a count (7)\n"));
    assert_null(strstr(text, "title"));
    assert_null(strstr(text, "color-was"));
    struct auth_view rest = auth_view_from_string(text);
    while (rest.n)
        assert_in_range(auth_view_split(&rest, '\n').n, 0, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_spelling_gives_the_same),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_what_was_given_is_known),
        cmocka_unit_test(test_errors_name_the_option_and_no_secret),
        cmocka_unit_test(test_nearest_values_that_are_taken),
        cmocka_unit_test(test_too_many_of_a_list_option),
        cmocka_unit_test(test_an_older_spelling),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_help_fits_the_terminal_and_shows_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
