/* Test Anything Protocol: a plan, a line for each case, and below it a YAML block with what is to be known. */
#include "auth/core/json.h"
#include "auth/core/text.h"
#include "auth/report/formats.h"

enum { SHOWN_MAX_N = 16 * 1024 };

/* Text of a test line: a '#' would begin a directive. TAP 14 has an escape for it, TAP 13 readers take it too. */
static void add_text(struct auth_buf *out, struct auth_view text)
{
    struct auth_buf safe;
    auth_buf_init(&safe, 5 * SHOWN_MAX_N);
    auth_text_escape(&safe, text, SHOWN_MAX_N);
    for (size_t i = 0; i < safe.n; i++) {
        if (safe.p[i] == '#' || safe.p[i] == '\\')
            auth_buf_add_char(out, '\\');
        auth_buf_add_char(out, safe.p[i]);
    }
    auth_buf_clear(&safe);
}

/* A JSON string is one of YAML's. */
static void add_yaml(struct auth_buf *out, const char *name, struct auth_view value)
{
    struct auth_json_writer w;
    if (value.n == 0)
        return;
    auth_buf_addf(out, "  %s: ", name);
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_string(&w, value);
    auth_buf_add_char(out, '\n');
}

static void add_directive(struct auth_buf *out, const struct auth_case *one)
{
    bool is_plain = one->result == AUTH_CASE_SKIP;
    if (one->result != AUTH_CASE_BLOCKED && one->result != AUTH_CASE_NOT_EXERCISED && !is_plain)
        return;
    auth_buf_add_string(out, " # SKIP ");
    if (!is_plain)
        auth_buf_addf(out, "%s%s", one->result == AUTH_CASE_BLOCKED ? "blocked" : "not exercised",
                      one->because.n ? ": " : "");
    add_text(out, one->because);
}

static void add_block(struct auth_buf *out, const struct auth_case *one)
{
    if (one->result != AUTH_CASE_FAIL && one->result != AUTH_CASE_WARN && one->result != AUTH_CASE_ERROR)
        return;
    auth_buf_add_string(out, "  ---\n");
    add_yaml(out, "result", auth_view_from_string(auth_case_result_text(one->result)));
    add_yaml(out, "because", one->because);
    add_yaml(out, "expected", one->expected);
    add_yaml(out, "actual", one->actual);
    add_yaml(out, "fix", one->fix);
    add_yaml(out, "source", one->source);
    add_yaml(out, "again", one->again);
    auth_buf_add_string(out, "  ...\n");
}

void auth_results_write_tap(const struct auth_results *results, int version, struct auth_buf *out)
{
    size_t count = auth_results_count(results);
    auth_buf_addf(out, "TAP version %d\n1..%zu\n", version, count);
    for (size_t i = 0; i < count; i++) {
        struct auth_case one = auth_results_get(results, i);
        bool is_bad = one.result == AUTH_CASE_FAIL || one.result == AUTH_CASE_ERROR;
        auth_buf_addf(out, "%sok %zu - ", is_bad ? "not " : "", i + 1);
        add_text(out, one.id);
        add_directive(out, &one);
        auth_buf_add_char(out, '\n');
        add_block(out, &one);
    }
}
