/* The first word of a command line: a command, help, version, a slip of the pen, and what may be a secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "auth/core/program.h"
#include "auth/core/version.h"

enum { SAID_MAX_N = 4096 };

static int said_argc;
static char said_word[64];

static int count_words(int argc, char **argv)
{
    said_argc = argc;
    (void)snprintf(said_word, sizeof said_word, "%s", argv[argc - 1]);
    return 7;
}

static const struct auth_command commands[] = {
    {"serve", count_words, "one"}, {"snapshots", count_words, "many"}, {.name = NULL}};
static const struct auth_program program = {
    .name = "prog", .commands = commands, .about = "About.\n\n", .notes = "Notes.\n", .lost_status = 3};

struct row {
    const char *words[4]; /* behind the program's name */
    int status;
    const char *out, *err; /* parts; "": nothing at all is said there */
};

static const struct row rows[] = {
    {{"serve"}, 7, "", ""},
    {{"serve", "--port", "1"}, 7, "", ""},
    {{NULL}, 2, "", "Usage: prog COMMAND [OPTION...]\n\nAbout.\n\n  serve      one\n  snapshots  many\n\nNotes.\n"},
    {{"help"}, 0, "  snapshots  many\n\nNotes.\n", ""},
    {{"--help"}, 0, "Usage: prog", ""},
    {{"-h"}, 0, "Usage: prog", ""},
    {{"--version"}, 0, "prog " AUTH_VERSION "\n", ""},
    {{"-V"}, 0, "prog " AUTH_VERSION "\n", ""},
    {{"help", "serve"}, 7, "", ""},
    {{"help", "sreve"},
     2,
     "",
     "no command 'sreve'; did you mean serve?; there are serve, snapshots\nTry 'prog --help'.\n"},
    {{"serv"}, 2, "", "no command 'serv'; did you mean serve?; there are"},
    {{"srv"}, 2, "", "no command 'srv'; there are"},
    {{"snapshot"}, 2, "", "did you mean snapshots?"},
    {{"snapsho"}, 2, "", "did you mean snapshots?"},
    {{"snapsh"}, 2, "", "no command 'snapsh'; there are"},
    {{"eyJhbGciOiJub25lIn0.e30."}, 2, "", "prog: a command comes first: serve, snapshots\n"},
    {{"--verbose"}, 2, "", "no command '--verbose'; there are"},
    {{""}, 2, "", "a command comes first"},
};

/* What goes to a stream from here on goes to a file instead. */
static int redirect(FILE *stream, FILE *to)
{
    (void)fflush(stream);
    int kept = dup(fileno(stream));
    assert_true(kept >= 0 && dup2(fileno(to), fileno(stream)) >= 0);
    return kept;
}

static void restore(FILE *stream, int kept, FILE *from, char said[SAID_MAX_N])
{
    (void)fflush(stream);
    assert_true(dup2(kept, fileno(stream)) >= 0);
    assert_int_equal(close(kept), 0);
    rewind(from);
    said[fread(said, 1, SAID_MAX_N - 1, from)] = '\0';
    assert_int_equal(fclose(from), 0);
}

static bool is_said(const char *said, const char *part)
{
    return *part ? strstr(said, part) != NULL : !*said;
}

static void test_first_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char words[5][64] = {"prog"}, *argv[6] = {words[0]}, out[SAID_MAX_N], err[SAID_MAX_N];
        int argc = 1;
        for (; argc < 5 && rows[i].words[argc - 1]; argc++) {
            (void)snprintf(words[argc], sizeof words[argc], "%s", rows[i].words[argc - 1]);
            argv[argc] = words[argc];
        }
        FILE *out_file = tmpfile(), *err_file = tmpfile();
        assert_true(out_file && err_file);
        int kept_out = redirect(stdout, out_file), kept_err = redirect(stderr, err_file);
        said_argc = 0;
        int status = auth_program_main(&program, argc, argv);
        restore(stdout, kept_out, out_file, out);
        restore(stderr, kept_err, err_file, err);
        if (status != rows[i].status || !is_said(out, rows[i].out) || !is_said(err, rows[i].err))
            fail_msg("row %zu: %d, \"%s\", \"%s\"", i, status, out, err);
        assert_int_equal(said_argc > 0, status == 7);
    }
}

static void test_a_command_gets_its_words(void **state)
{
    char name[] = "prog", serve[] = "serve", port[] = "--port", help[] = "help";
    char *with_option[] = {name, serve, port, NULL}, *helped[] = {name, help, serve, port, NULL};
    (void)state;
    assert_int_equal(auth_program_main(&program, 3, with_option), 7);
    assert_int_equal(said_argc, 2);
    assert_string_equal(said_word, "--port");
    assert_int_equal(auth_program_main(&program, 4, helped), 7);
    assert_int_equal(said_argc, 2);
    assert_string_equal(said_word, "--help");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_words),
        cmocka_unit_test(test_a_command_gets_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
