/* One page that needs nothing else: no script, no font, no address that is fetched. What did not pass comes first and is open, the
 * rest is folded. */
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/report/formats.h"
#include "auth/report/markup.h"

enum { US_PER_MS = 1000 };

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

/* Each colour twice, for paper and for the dark. */
static const char style[] =
    "<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: #fff; color: #1d2329;\n"
    "  font: 15px/1.5 system-ui, sans-serif; }\n"
    "h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h1 + p { margin: 0 0 1rem; }\n"
    "h2 { font-size: 1.1rem; border-bottom: 1px solid; padding-bottom: .25rem; } section { margin: 0 0 1.5rem; }\n"
    "code, dd { font-family: ui-monospace, monospace; font-size: .86em; overflow-wrap: anywhere; }\n"
    "table { border-collapse: collapse; margin: 0 0 1.5rem; } th, td { text-align: right; padding: .2rem .9rem .2rem 0; }\n"
    "th:first-child, td:first-child { text-align: left; } tr + tr td { border-top: 1px solid; }\n"
    ".group > summary { font-weight: 600; } .group > details { margin-left: 1.2rem; }\n"
    "details { border-bottom: 1px solid; padding: .3rem 0; } details[open]:not(.group) { background: #f4f6f8; }\n"
    "summary { cursor: pointer; padding: 0 .5rem; } summary span { display: inline-block; min-width: 6.5em; font-weight: 600; }\n"
    "dl { display: grid; grid-template-columns: 6.5em 1fr; gap: .2rem .6rem; margin: .5rem; }\n"
    "dd { margin: 0; white-space: pre-wrap; } h2, td, details { border-color: #d8dde2 !important; }\n"
    "h1 + p, th, dt, .skip, .blocked, .not_exercised { color: #5d6873; }\n"
    ".pass { color: #1b7f3b; } .fail, .error { color: #c22a2a; } .warn { color: #9a6700; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "body { background: #14181c; color: #e4e8ec; } details[open]:not(.group) { background: #1c2228; }\n"
    "h2, td, details { border-color: #323a42 !important; }\n"
    "h1 + p, th, dt, .skip, .blocked, .not_exercised { color: #9aa5b0; }\n"
    ".pass { color: #56c474; } .fail, .error { color: #ff7b72; } .warn { color: #e3b341; }\n"
    "}\n</style>\n</head>\n<body>\n";

static void add_text(struct auth_buf *out, const char *text)
{
    auth_markup_add(out, auth_view_from_string(text));
}

/* ---- what it came to ---- */

static void add_about(struct auth_buf *out, const struct auth_results *results)
{
    const struct auth_results_about *about = auth_results_about(results);
    const struct {
        const char *label, *text;
    } facts[] = {{"", about->command},
                 {", profile ", about->profile},
                 {", release ", about->epic_version},
                 {", at ", about->target},
                 {", seed ", about->seed}};
    enum auth_results_outcome outcome = auth_results_outcome(results);
    static const char *const classes[] = {"pass", "fail", "blocked"};
    auth_buf_add_string(out, "<h1>");
    add_text(out, about->tool);
    auth_buf_addf(out, ": <span class=\"%s\">%s</span></h1>\n<p>", classes[outcome],
                  auth_results_outcome_text(outcome));
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (!facts[i].text)
            continue;
        auth_buf_add_string(out, facts[i].label);
        add_text(out, facts[i].text);
    }
    auth_buf_add_string(out, ", ");
    auth_time_write(out, about->date_s);
    auth_buf_add_string(out, "</p>\n");
}

static void add_counts(struct auth_buf *out, const struct auth_results *results)
{
    auth_buf_add_string(out, "<table>\n<tr><th>group</th>");
    for (int r = 0; r < AUTH_CASE_RESULTS; r++) {
        if (auth_results_count_of(results, (enum auth_case_result)r))
            auth_buf_addf(out, "<th>%s</th>", auth_case_result_text((enum auth_case_result)r));
    }
    auth_buf_add_string(out, "</tr>\n");
    for (size_t g = 0; g < auth_results_groups(results); g++) {
        size_t counts[AUTH_CASE_RESULTS] = {0};
        for (size_t i = 0; i < auth_results_count(results); i++)
            counts[auth_results_get(results, i).result] += auth_results_is_in(results, i, g);
        auth_buf_add_string(out, "<tr><td>");
        auth_markup_add(out, auth_results_group(results, g));
        auth_buf_add_string(out, "</td>");
        for (int r = 0; r < AUTH_CASE_RESULTS; r++) {
            if (auth_results_count_of(results, (enum auth_case_result)r))
                auth_buf_addf(out, "<td class=\"%s\">%zu</td>",
                              counts[r] ? auth_case_result_text((enum auth_case_result)r) : "skip", counts[r]);
        }
        auth_buf_add_string(out, "</tr>\n");
    }
    auth_buf_add_string(out, "</table>\n");
}

/* ---- cases ---- */

static void add_fact(struct auth_buf *out, const char *label, struct auth_view text)
{
    if (text.n == 0)
        return;
    auth_buf_addf(out, "<dt>%s</dt><dd>", label);
    auth_markup_add(out, text);
    auth_buf_add_string(out, "</dd>\n");
}

/* What nobody has to look at. */
static bool is_quiet(const struct auth_case *one)
{
    return one->result == AUTH_CASE_PASS || one->result == AUTH_CASE_SKIP;
}

static void add_case(struct auth_buf *out, const struct auth_case *one)
{
    const char *result = auth_case_result_text(one->result);
    auth_buf_addf(out, "<details%s><summary><span class=\"%s\">%s</span> <code>", is_quiet(one) ? "" : " open", result,
                  one->result == AUTH_CASE_NOT_EXERCISED ? "not exercised" : result);
    auth_markup_add(out, one->id);
    auth_buf_add_string(out, "</code></summary>\n<dl>\n");
    add_fact(out, "because", one->because);
    add_fact(out, "expected", one->expected);
    add_fact(out, "actual", one->actual);
    add_fact(out, "fix", one->fix);
    add_fact(out, "source", one->source);
    for (size_t i = 0; i < one->evidence_count; i++)
        add_fact(out, "journal", one->evidence[i]);
    add_fact(out, "again", one->again);
    if (one->took_us >= 0)
        auth_buf_addf(out, "<dt>took</dt><dd>%lld ms</dd>\n", (long long)(one->took_us / US_PER_MS));
    auth_buf_add_string(out, "</dl></details>\n");
}

/* The cases of a group that are quiet, or those that are not. */
static void add_cases(struct auth_buf *out, const struct auth_results *results, size_t group, bool quiet)
{
    size_t count = 0;
    for (size_t i = 0; i < auth_results_count(results); i++) {
        struct auth_case one = auth_results_get(results, i);
        if (!auth_results_is_in(results, i, group) || is_quiet(&one) != quiet)
            continue;
        if (count++ == 0) {
            auth_buf_add_string(out, quiet ? "<details class=\"group\"><summary>" : "<section><h2>");
            auth_markup_add(out, auth_results_group(results, group));
            auth_buf_add_string(out, quiet ? "</summary>\n" : "</h2>\n");
        }
        add_case(out, &one);
    }
    if (count)
        auth_buf_add_string(out, quiet ? "</details>\n" : "</section>\n");
}

void auth_results_write_html(const struct auth_results *results, struct auth_buf *out)
{
    auth_buf_add_string(out, head);
    auth_buf_add_string(out, "<title>");
    add_text(out, auth_results_about(results)->tool);
    auth_buf_addf(out, ": %s</title>\n", auth_results_outcome_text(auth_results_outcome(results)));
    auth_buf_add_string(out, style);
    add_about(out, results);
    add_counts(out, results);
    for (size_t g = 0; g < auth_results_groups(results); g++)
        add_cases(out, results, g, false);
    auth_buf_add_string(out, "<h2>Passed or left out</h2>\n");
    for (size_t g = 0; g < auth_results_groups(results); g++)
        add_cases(out, results, g, true);
    auth_buf_add_string(out, "</body>\n</html>\n");
}
