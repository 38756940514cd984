/* SARIF 2.1.0 (OASIS): each case is a rule, and what came of it a result. What passed is there too, with its kind, which
 * readers of findings leave out. */
#include "auth/core/form.h"
#include "auth/core/json.h"
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/report/formats.h"

enum { TEXT_MAX_N = 64 * 1024 };

/* level counts where kind is fail (3.27.9, 3.27.10). */
static const struct {
    const char *kind, *level;
} words[AUTH_CASE_RESULTS] = {
    [AUTH_CASE_PASS] = {"pass", "none"},    [AUTH_CASE_FAIL] = {"fail", "error"},
    [AUTH_CASE_WARN] = {"fail", "warning"}, [AUTH_CASE_SKIP] = {"notApplicable", "none"},
    [AUTH_CASE_BLOCKED] = {"open", "none"}, [AUTH_CASE_NOT_EXERCISED] = {"open", "none"},
    [AUTH_CASE_ERROR] = {"fail", "error"},
};

static void write_text(struct auth_json_writer *w, const char *name, const struct auth_buf *text)
{
    auth_json_write_key(w, name);
    auth_json_write_object(w);
    auth_json_write_member_buf(w, "text", text);
    auth_json_write_end_object(w);
}

static void add_line(struct auth_buf *out, const char *label, struct auth_view text)
{
    if (text.n == 0)
        return;
    auth_buf_addf(out, "%s%s", out->n ? "\n" : "", label);
    auth_text_escape(out, text, TEXT_MAX_N);
}

static void write_rule(struct auth_json_writer *w, const struct auth_case *one)
{
    struct auth_buf text;
    auth_buf_init(&text, 16 * TEXT_MAX_N);
    auth_json_write_object(w);
    auth_json_write_member(w, "id", one->id);
    add_line(&text, "", one->id);
    write_text(w, "shortDescription", &text);
    auth_buf_reset(&text);
    add_line(&text, "", one->fix);
    add_line(&text, "source: ", one->source);
    add_line(&text, "again: ", one->again);
    if (text.n)
        write_text(w, "help", &text);
    auth_json_write_key(w, "properties");
    auth_json_write_object(w);
    auth_json_write_key(w, "tags");
    auth_json_write_array(w);
    auth_json_write_string(w, one->group);
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    auth_json_write_end_object(w);
    auth_buf_clear(&text);
}

/* Readers want a file and a line, and code scanning takes no result without. None is at fault, so it is the case's name. */
static void write_place(struct auth_json_writer *w, const struct auth_case *one)
{
    struct auth_buf name, address;
    auth_buf_init(&name, 16 * TEXT_MAX_N);
    auth_buf_init(&address, 16 * TEXT_MAX_N);
    auth_text_escape(&name, one->group, TEXT_MAX_N);
    auth_buf_add_char(&name, '/');
    auth_text_escape(&name, one->id, TEXT_MAX_N);
    auth_form_escape(&address, one->group);
    auth_buf_add_char(&address, '/');
    auth_form_escape(&address, one->id);
    auth_json_write_key(w, "locations");
    auth_json_write_array(w);
    auth_json_write_object(w);
    auth_json_write_key(w, "physicalLocation");
    auth_json_write_object(w);
    auth_json_write_key(w, "artifactLocation");
    auth_json_write_object(w);
    auth_json_write_member_buf(w, "uri", &address);
    auth_json_write_end_object(w);
    auth_json_write_member_raw(w, "region", auth_view_from_string("{\"startLine\":1}"));
    auth_json_write_end_object(w);
    auth_json_write_key(w, "logicalLocations");
    auth_json_write_array(w);
    auth_json_write_object(w);
    auth_json_write_member_buf(w, "fullyQualifiedName", &name);
    auth_json_write_end_object(w);
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    auth_json_write_end_array(w);
    auth_buf_clear(&name);
    auth_buf_clear(&address);
}

static void write_result(struct auth_json_writer *w, const struct auth_case *one, size_t index)
{
    struct auth_buf message;
    auth_buf_init(&message, 32 * TEXT_MAX_N);
    add_line(&message, "", one->because);
    add_line(&message, "expected: ", one->expected);
    add_line(&message, "actual: ", one->actual);
    add_line(&message, "fix: ", one->fix);
    if (!message.n)
        auth_buf_add_string(&message, auth_case_result_text(one->result));
    auth_json_write_object(w);
    auth_json_write_member(w, "ruleId", one->id);
    auth_json_write_member_int(w, "ruleIndex", (int64_t)index);
    auth_json_write_member_text(w, "kind", words[one->result].kind);
    auth_json_write_member_text(w, "level", words[one->result].level);
    write_text(w, "message", &message);
    write_place(w, one);
    auth_json_write_key(w, "properties");
    auth_json_write_object(w);
    auth_json_write_member_text(w, "result", auth_case_result_text(one->result));
    auth_json_write_end_object(w);
    auth_json_write_end_object(w);
    auth_buf_clear(&message);
}

static void write_tool(struct auth_json_writer *w, const struct auth_results *results)
{
    auth_json_write_key(w, "tool");
    auth_json_write_object(w);
    auth_json_write_key(w, "driver");
    auth_json_write_object(w);
    auth_json_write_member_text(w, "name", auth_results_about(results)->tool);
    auth_json_write_member_text(w, "version", auth_results_about(results)->version);
    auth_json_write_key(w, "rules");
    auth_json_write_array(w);
    for (size_t i = 0; i < auth_results_count(results); i++) {
        struct auth_case one = auth_results_get(results, i);
        write_rule(w, &one);
    }
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    auth_json_write_end_object(w);
}

static void write_invocation(struct auth_json_writer *w, const struct auth_results *results)
{
    struct auth_buf date;
    auth_buf_init(&date, 64);
    auth_time_write(&date, auth_results_about(results)->date_s);
    auth_json_write_key(w, "invocations");
    auth_json_write_array(w);
    auth_json_write_object(w);
    auth_json_write_member_text(w, "commandLine", auth_results_about(results)->command);
    auth_json_write_member_buf(w, "startTimeUtc", &date);
    auth_json_write_member_bool(w, "executionSuccessful", auth_results_outcome(results) != AUTH_RESULTS_INCOMPLETE);
    auth_json_write_end_object(w);
    auth_json_write_end_array(w);
    auth_buf_clear(&date);
}

void auth_results_write_sarif(const struct auth_results *results, struct auth_buf *out)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    auth_json_write_member_text(&w, "version", "2.1.0");
    auth_json_write_key(&w, "runs");
    auth_json_write_array(&w);
    auth_json_write_object(&w);
    write_tool(&w, results);
    write_invocation(&w, results);
    auth_json_write_key(&w, "results");
    auth_json_write_array(&w);
    for (size_t i = 0; i < auth_results_count(results); i++) {
        struct auth_case one = auth_results_get(results, i);
        write_result(&w, &one, i);
    }
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    auth_buf_add_char(out, '\n');
}
