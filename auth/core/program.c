/* The first word of a command line, looked up. */
#include "auth/core/program.h"

#include <stdio.h>
#include <string.h>

#include "auth/core/buf.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "auth/core/text.h"
#include "auth/core/version.h"

static const struct auth_command *find(const struct auth_program *program, const char *word)
{
    const struct auth_command *command = program->commands;
    while (command->name && strcmp(command->name, word) != 0)
        command++;
    return command->name ? command : NULL;
}

static void print_help(const struct auth_program *program, FILE *to)
{
    size_t width = 0;
    for (const struct auth_command *command = program->commands; command->name; command++) {
        if (strlen(command->name) > width)
            width = strlen(command->name);
    }
    fprintf(to, "Usage: %s COMMAND [OPTION...]\n\n%s", program->name, program->about);
    for (const struct auth_command *command = program->commands; command->name; command++)
        fprintf(to, "  %-*s  %s\n", (int)width, command->name, command->help);
    fprintf(to, "\n%sNot affiliated with Epic.\n", program->notes);
}

/* ---- a word that is no command ---- */

/* Shown unless it may be a secret in the wrong place; with the command that was meant, if one is near, and all there are. */
static void describe_no_command(const struct auth_program *program, const char *word, struct auth_buf *out)
{
    struct auth_view text = auth_view_from_string(word);
    bool is_word = auth_opts_is_word(word);
    if (is_word)
        auth_buf_addf(out, "no command '%s'", word);
    else
        auth_buf_add_string(out, "a command comes first");
    for (const struct auth_command *command = program->commands; is_word && command->name; command++) {
        size_t n = strlen(command->name), distance = auth_text_distance(text, auth_view_from_string(command->name));
        if (distance > 0 && distance <= (n > 6 ? 2U : 1U))
            auth_buf_addf(out, "; did you mean %s?", command->name);
    }
    auth_buf_add_string(out, is_word ? "; there are" : ":");
    for (const struct auth_command *command = program->commands; command->name; command++)
        auth_buf_addf(out, "%s %s", command == program->commands ? "" : ",", command->name);
}

static int refuse(const struct auth_program *program, const char *word)
{
    enum { MESSAGE_MAX_N = 4096 };
    struct auth_buf text;
    auth_buf_init(&text, MESSAGE_MAX_N);
    describe_no_command(program, word, &text);
    auth_complain(program->name, NULL, "%s", text.n ? text.p : "");
    auth_buf_clear(&text);
    fprintf(stderr, "Try '%s --help'.\n", program->name);
    return AUTH_PROGRAM_USAGE;
}

/* ---- the first word ---- */

static int run(const struct auth_program *program, int argc, char **argv)
{
    static char help_option[] = "--help";
    if (argc < 2) {
        print_help(program, stderr);
        return AUTH_PROGRAM_USAGE;
    }
    if (argc > 2 && strcmp(argv[1], "help") == 0) { /* help COMMAND is COMMAND --help */
        argv[1] = argv[2];
        argv[2] = help_option;
        argc = 3;
    }
    const char *word = argv[1];
    const struct auth_command *command = find(program, word);
    if (command)
        return command->main(argc - 1, argv + 1);
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        print_help(program, stdout);
    else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        printf("%s %s\n", program->name, AUTH_VERSION);
    else
        return refuse(program, word);
    return 0;
}

int auth_program_main(const struct auth_program *program, int argc, char **argv)
{
    auth_process_start(program->reach);
    return auth_process_finish(program->name, run(program, argc, argv), program->lost_status);
}
