/* Finds the command in a pasted line. */
#include "conformance/linter/command_line.h"

#include <string.h>

enum { PROMPT_MAX_N = 160 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct auth_view without_blanks(struct auth_view before)
{
    while (before.n && is_blank(before.p[before.n - 1]))
        before.n--;
    return before;
}

/* Cut the last word off, if it is one of those that run another command. */
static bool drop_runner(struct auth_view *before)
{
    static const char *const runners[] = {"time", "sudo", "command", "exec", "nohup", "env", "winpty", "call", "&"};
    size_t from = before->n;
    while (from && !is_blank(before->p[from - 1]))
        from--;
    struct auth_view word = auth_view_from(*before, from);
    for (size_t i = 0; i < sizeof runners / sizeof *runners; i++) {
        if (auth_view_equals(word, runners[i])) {
            before->n = from;
            return true;
        }
    }
    return false;
}

/* NAME=$( or NAME="$(, as scripts keep an answer */
static bool drop_substitution(struct auth_view *before)
{
    if (!auth_view_ends(*before, "$("))
        return false;
    before->n -= 2;
    if (auth_view_ends(*before, "\""))
        before->n--;
    return true;
}

/* What ends another command or a clause of the shell, or of a file that holds commands: then whatever stands before that is not
 * of this one. */
static bool is_behind_another(struct auth_view before)
{
    static const char *const ends[] = {";",    "&&", "||",   "{",  "(",     " then", " do", " else", " --",
                                       "run:", "if", "then", "do", "while", "RUN",   "!",   "- run", "command:"};
    static const char *const starts[] = {"docker ", "podman ", "kubectl ", "watch "};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (auth_view_ends(before, ends[i]) && (before.n == strlen(ends[i]) || !auth_view_contains(before, "//")))
            return true;
    }
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (auth_view_starts(auth_view_trim(before), starts[i]))
            return true;
    }
    return false;
}

static bool is_prompt(struct auth_view before)
{
    return before.n <= PROMPT_MAX_N && memchr("$#%>", before.p[before.n - 1], 4) &&
           auth_view_find(before, '"') == before.n && auth_view_find(before, '\'') == before.n;
}

/* What stands before a command and leaves it one: nothing, a prompt, a path, words that run another. */
static bool may_stand_before(struct auth_view before, bool *is_in)
{
    *is_in = false;
    if (auth_view_ends(before, "/") || auth_view_ends(before, "\\")) {
        while (before.n && !is_blank(before.p[before.n - 1]) && before.p[before.n - 1] != '>')
            before.n--;
    }
    for (;;) {
        before = without_blanks(before);
        if (before.n == 0 || is_prompt(before))
            return true;
        if (!auth_view_ends(before, "$(") && is_behind_another(before))
            return true;
        if (drop_substitution(&before)) {
            *is_in = true;
            return before.n == 0 || auth_view_ends(before, "=");
        }
        if (!drop_runner(&before))
            return false;
    }
}

/* The name ends here, perhaps with .exe. */
static bool is_whole_name(struct auth_view rest)
{
    if (auth_view_starts(rest, ".exe"))
        rest = auth_view_from(rest, 4);
    return rest.n > 0 && (memchr(" \t\\^`", rest.p[0], 5) != NULL || auth_view_starts(rest, "\xc2\xa0"));
}

bool conf_command_find(struct auth_view text, const char *program, struct auth_view *from, bool *is_in)
{
    struct auth_view line = auth_view_bytes(text.p, auth_view_find(text, '\n'));
    size_t n = strlen(program), at = 0;
    while (at < line.n) {
        size_t next = at + auth_view_find_text(auth_view_from(line, at), program);
        if (next >= line.n)
            return false;
        if (is_whole_name(auth_view_from(line, next + n)) && may_stand_before(auth_view_bytes(line.p, next), is_in)) {
            *from = auth_view_from(text, next);
            return true;
        }
        at = next + n;
    }
    return false;
}
