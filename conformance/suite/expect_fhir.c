/* What FHIR has in every body: issues, entries and their order, totals. */
#include "auth/core/text.h"
#include "conformance/suite/expect.h"
#include "conformance/suite/path.h"

enum { LINE_MAX_N = 1024 };

static struct auth_view text_at(const struct auth_json_node *node, const char *path)
{
    int64_t count;
    return auth_json_string(conf_path_find(node, auth_view_from_string(path), &count));
}

/* ---- issues ---- */

/* Has the issue that code, its own or one of its details (Epic's numbers)? */
static bool has_code(const struct auth_json_node *issue, struct auth_view code)
{
    const struct auth_json_node *c = auth_json_first(auth_json_member(auth_json_member(issue, "details"), "coding"));
    if (code.n == 0 || auth_view_equals_view(auth_json_member_string(issue, "code"), code))
        return true;
    while (c && !auth_view_equals_view(auth_json_member_string(c, "code"), code))
        c = auth_json_next(c);
    return c != NULL;
}

static bool is_issue(const struct conf_expectation *e, const struct auth_json_node *issue,
                     const struct auth_json_node *wanted)
{
    static const struct {
        const char *member, *path;
    } texts[] = {{"severity", "severity"},       {"type", "code"},           {"text", "details.text"},
                 {"diagnostics", "diagnostics"}, {"location", "location.0"}, {"expression", "expression.0"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct auth_json_node *text = auth_json_member(wanted, texts[i].member);
        if (text && !conf_expect_text_holds(e, text, text_at(issue, texts[i].path)))
            return false;
    }
    return has_code(issue, auth_json_member_string(wanted, "code"));
}

/* The body itself, or the OperationOutcome that ends a Bundle. */
static const struct auth_json_node *outcome_of(const struct auth_json_node *body)
{
    int64_t count;
    const struct auth_json_node *last = conf_path_find(body, auth_view_from_string("entry.-1.resource"), &count);
    if (auth_view_equals(auth_json_member_string(body, "resourceType"), "OperationOutcome"))
        return body;
    return auth_view_equals(auth_json_member_string(last, "resourceType"), "OperationOutcome") ? last : NULL;
}

/* Each of those that are wanted, in their order; others may stand between them. */
static bool outcome_holds(const struct conf_expectation *e)
{
    const struct auth_json_node *wanted = auth_json_member(e->expect, "outcome");
    const struct auth_json_node *issue = auth_json_first(auth_json_member(outcome_of(e->body), "issue"));
    if (auth_json_type(wanted) == AUTH_JSON_ARRAY && !auth_json_first(wanted))
        return conf_expect_tell(e, "issue", auth_view_from_string("none"), !issue,
                                text_at(issue, "details.coding.0.code"));
    for (const struct auth_json_node *w = auth_json_first(wanted); w; w = auth_json_next(w)) {
        struct auth_view code = auth_json_member_string(w, "code");
        while (issue && !is_issue(e, issue, w))
            issue = auth_json_next(issue);
        if (!conf_expect_tell(e, "issue", code, issue != NULL, auth_view_from_string("not as expected, or not there")))
            return false;
        issue = auth_json_next(issue);
    }
    return true;
}

/* ---- entries ---- */

/* "match Patient/e1", "include Practitioner/e2", "outcome OperationOutcome". */
static void write_entry(const struct auth_json_node *entry, struct auth_buf *line)
{
    struct auth_view mode = text_at(entry, "search.mode"), id = text_at(entry, "resource.id");
    auth_buf_add_view(line, mode);
    auth_buf_add_char(line, ' ');
    auth_buf_add_view(line, text_at(entry, "resource.resourceType"));
    if (id.n)
        auth_buf_addf(line, "/%.*s", (int)id.n, id.p);
}

static bool one_entry_holds(const struct conf_expectation *e, const struct auth_json_node *wanted,
                            const struct auth_json_node *own)
{
    struct auth_buf line;
    auth_buf_init(&line, LINE_MAX_N);
    if (own)
        write_entry(own, &line);
    struct auth_view text = wanted ? auth_json_string(wanted) : auth_view_from_string("no more");
    bool holds = wanted ? own && conf_expect_text_holds(e, wanted, auth_buf_view(&line)) : !own;
    holds = conf_expect_tell(e, "entry", text, holds, auth_buf_view(&line));
    auth_buf_clear(&line);
    return holds;
}

/* All entries, in their order. */
static bool order_holds(const struct conf_expectation *e)
{
    const struct auth_json_node *list = auth_json_member(e->expect, "entry"), *wanted = auth_json_first(list);
    const struct auth_json_node *own = auth_json_first(auth_json_member(e->body, "entry"));
    if (!list)
        return true;
    for (; wanted || own; wanted = auth_json_next(wanted), own = auth_json_next(own)) {
        if (!one_entry_holds(e, wanted, own))
            return false;
    }
    return true;
}

/* Entries that match: an outcome among them, or what was included, is not counted. */
static int64_t count_matches(const struct auth_json_node *body)
{
    int64_t count = 0;
    for (const struct auth_json_node *e = auth_json_first(auth_json_member(body, "entry")); e; e = auth_json_next(e)) {
        struct auth_view mode = text_at(e, "search.mode");
        count += mode.n == 0 || auth_view_equals(mode, "match");
    }
    return count;
}

/* ---- numbers ---- */

static bool number_holds(const struct conf_expectation *e, const char *name, bool is_there, int64_t own)
{
    int64_t wanted;
    if (!auth_json_int(auth_json_member(e->expect, name), &wanted))
        return true;
    auth_buf_addf(e->expected, ", %s %lld", name, (long long)wanted);
    if (is_there && own == wanted)
        return true;
    if (is_there)
        auth_buf_addf(e->actual, "%s %lld", name, (long long)own);
    else
        auth_buf_addf(e->actual, "no %s", name);
    return false;
}

bool conf_expect_fhir_holds(const struct conf_expectation *e)
{
    int64_t total = 0, issues = -1;
    bool has_total = auth_json_int(auth_json_member(e->body, "total"), &total);
    (void)conf_path_find(outcome_of(e->body), auth_view_from_string("issue.#"), &issues);
    return outcome_holds(e) && number_holds(e, "issues", issues >= 0, issues) && order_holds(e) &&
           number_holds(e, "entries", true, count_matches(e->body)) && number_holds(e, "total", has_total, total);
}
