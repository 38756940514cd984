/* Results for people: what did not pass, each with what to do about it, then a line for each group. */
#include "auth/core/text.h"
#include "auth/report/formats.h"
#include "auth/report/wrap.h"

enum { LABEL_AT = 9, TEXT_AT = 19, SHOWN_MAX_N = 4096 };

static void add_result(struct auth_buf *out, struct auth_results_style style, enum auth_case_result result)
{
    static const char *const colours[AUTH_CASE_RESULTS] = {"\033[32m", "\033[31m", "\033[33m", "\033[2m",
                                                           "\033[35m", "\033[2m",  "\033[31m"};
    static const char *const words[AUTH_CASE_RESULTS] = {"pass", "fail", "warn", "skip", "blocked", "unused", "error"};
    auth_buf_addf(out, "%s%-8s%s ", style.has_colours ? colours[result] : "", words[result],
                  style.has_colours ? "\033[0m" : "");
}

static void add_line(struct auth_buf *out, struct auth_results_style style, const char *label, struct auth_view text)
{
    struct auth_buf safe;
    if (text.n == 0)
        return;
    auth_buf_init(&safe, 5 * SHOWN_MAX_N);
    auth_text_escape(&safe, text, SHOWN_MAX_N);
    auth_buf_addf(out, "%*s%-*s", LABEL_AT, "", TEXT_AT - LABEL_AT, label);
    auth_wrap(out, TEXT_AT, TEXT_AT, style.width, auth_buf_view(&safe));
    auth_buf_add_char(out, '\n');
    auth_buf_clear(&safe);
}

static void add_case(struct auth_buf *out, struct auth_results_style style, const struct auth_case *one)
{
    add_result(out, style, one->result);
    auth_text_escape(out, one->id, SHOWN_MAX_N);
    auth_buf_add_char(out, '\n');
    if (one->result == AUTH_CASE_PASS)
        return;
    add_line(out, style, "because", one->because);
    if (one->result == AUTH_CASE_SKIP)
        return;
    add_line(out, style, "expected", one->expected);
    add_line(out, style, "actual", one->actual);
    add_line(out, style, "fix", one->fix);
    add_line(out, style, "source", one->source);
    add_line(out, style, "again", one->again);
}

static void add_groups(struct auth_buf *out, const struct auth_results *results)
{
    for (size_t g = 0; g < auth_results_groups(results); g++) {
        size_t counts[AUTH_CASE_RESULTS] = {0}, total = 0;
        for (size_t i = 0; i < auth_results_count(results); i++) {
            if (!auth_results_is_in(results, i, g))
                continue;
            counts[auth_results_get(results, i).result]++;
            total++;
        }
        auth_text_escape(out, auth_results_group(results, g), 40);
        auth_buf_addf(out, ": %zu of %zu passed", counts[AUTH_CASE_PASS], total);
        for (int r = AUTH_CASE_PASS + 1; r < AUTH_CASE_RESULTS; r++) {
            if (counts[r])
                auth_buf_addf(out, ", %zu %s", counts[r], auth_case_result_text((enum auth_case_result)r));
        }
        auth_buf_add_char(out, '\n');
    }
}

void auth_results_write_table(const struct auth_results *results, struct auth_results_style style, struct auth_buf *out)
{
    for (size_t i = 0; i < auth_results_count(results); i++) {
        struct auth_case one = auth_results_get(results, i);
        bool is_quiet =
            one.result == AUTH_CASE_PASS || one.result == AUTH_CASE_SKIP || one.result == AUTH_CASE_NOT_EXERCISED;
        if (style.shows_all || !is_quiet)
            add_case(out, style, &one);
    }
    add_groups(out, results);
    auth_buf_addf(out, "%s\n", auth_results_outcome_text(auth_results_outcome(results)));
}
