/* Compares an answer with what a case expects. */
#include "conformance/suite/expect.h"

#include "auth/core/text.h"

enum { SHOWN_N = 160, ERROR_STATUS = 400 };

bool conf_expect_is_accepted(const struct auth_http_response *response)
{
    return response->status >= 200 && response->status < 300;
}

static void add_shown(struct auth_buf *out, struct auth_view text)
{
    auth_text_escape(out, text, SHOWN_N);
}

/* ---- status and error ---- */

static bool status_holds(const struct auth_json_node *expect, const struct auth_http_response *response,
                         struct auth_buf *expected, struct auth_buf *actual)
{
    const struct auth_json_node *list = auth_json_member(expect, "status");
    bool holds = !auth_json_first(list);
    auth_buf_add_string(expected, auth_json_first(list) ? "status" : "any status");
    for (const struct auth_json_node *e = auth_json_first(list); e; e = auth_json_next(e)) {
        int64_t wanted = 0;
        (void)auth_json_int(e, &wanted);
        auth_buf_addf(expected, " %lld", (long long)wanted);
        holds = holds || wanted == response->status;
    }
    if (!holds)
        auth_buf_addf(actual, "status %d", response->status);
    return holds;
}

static bool error_holds(const struct auth_json_node *expect, const struct auth_json_node *body,
                        struct auth_buf *expected, struct auth_buf *actual)
{
    struct auth_view wanted = auth_json_member_string(expect, "error"), own = auth_json_member_string(body, "error");
    if (wanted.n == 0)
        return true;
    auth_buf_addf(expected, ", error %.*s", (int)wanted.n, wanted.p);
    if (auth_view_equals_view(wanted, own))
        return true;
    auth_buf_add_string(actual, "error ");
    add_shown(actual, own.n ? own : auth_view_from_string("absent"));
    return false;
}

/* ---- headers ---- */

/* "x*" is a value that begins with x; null: there is none. */
static bool value_holds(const struct auth_json_node *wanted, struct auth_view own)
{
    struct auth_view text = auth_json_string(wanted);
    if (auth_json_type(wanted) == AUTH_JSON_NULL)
        return own.n == 0;
    if (!auth_view_ends(text, "*"))
        return auth_view_equals_view(text, own);
    text.n--;
    return own.n >= text.n && auth_view_equals_view(text, auth_view_bytes(own.p, text.n));
}

static bool headers_hold(const struct auth_json_node *expect, const struct auth_http_response *response,
                         struct auth_buf *expected, struct auth_buf *actual)
{
    for (const struct auth_json_node *h = auth_json_first(auth_json_member(expect, "headers")); h;
         h = auth_json_next(h)) {
        char name[64];
        size_t n = auth_json_name(h).n;
        for (size_t i = 0; i < n && i < sizeof name - 1; i++) {
            char c = auth_json_name(h).p[i];
            name[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
        name[n < sizeof name ? n : sizeof name - 1] = '\0';
        struct auth_view own = auth_http_response_header(response, name), wanted = auth_json_string(h);
        auth_buf_addf(expected, ", %s: %.*s", name, (int)wanted.n, wanted.p);
        if (!value_holds(h, own)) {
            auth_buf_addf(actual, "header %s: ", name);
            add_shown(actual, own.n ? own : auth_view_from_string("absent"));
            return false;
        }
    }
    return true;
}

/* ---- FHIR ---- */

/* Has the issue that code, its own or one of its details (Epic's numbers)? */
static bool has_code(const struct auth_json_node *issue, struct auth_view code)
{
    const struct auth_json_node *c = auth_json_first(auth_json_member(auth_json_member(issue, "details"), "coding"));
    if (auth_view_equals_view(auth_json_member_string(issue, "code"), code))
        return true;
    while (c && !auth_view_equals_view(auth_json_member_string(c, "code"), code))
        c = auth_json_next(c);
    return c != NULL;
}

static bool has_issue(const struct auth_json_node *outcome, const struct auth_json_node *wanted)
{
    struct auth_view severity = auth_json_member_string(wanted, "severity");
    for (const struct auth_json_node *i = auth_json_first(auth_json_member(outcome, "issue")); i;
         i = auth_json_next(i)) {
        bool is_severe = severity.n == 0 || auth_view_equals_view(auth_json_member_string(i, "severity"), severity);
        if (is_severe && has_code(i, auth_json_member_string(wanted, "code")))
            return true;
    }
    return false;
}

/* The body itself, or an OperationOutcome among the entries of a Bundle. */
static bool outcome_has(const struct auth_json_node *body, const struct auth_json_node *wanted)
{
    if (has_issue(body, wanted))
        return true;
    for (const struct auth_json_node *e = auth_json_first(auth_json_member(body, "entry")); e; e = auth_json_next(e)) {
        const struct auth_json_node *resource = auth_json_member(e, "resource");
        if (auth_view_equals(auth_json_member_string(resource, "resourceType"), "OperationOutcome") &&
            has_issue(resource, wanted))
            return true;
    }
    return false;
}

static bool outcomes_hold(const struct auth_json_node *expect, const struct auth_json_node *body,
                          struct auth_buf *expected, struct auth_buf *actual)
{
    for (const struct auth_json_node *o = auth_json_first(auth_json_member(expect, "outcome")); o;
         o = auth_json_next(o)) {
        struct auth_view code = auth_json_member_string(o, "code"), severity = auth_json_member_string(o, "severity");
        auth_buf_addf(expected, ", issue %.*s %.*s", (int)code.n, code.p, (int)severity.n, severity.p);
        if (!outcome_has(body, o)) {
            auth_buf_addf(actual, "no issue %.*s %.*s", (int)code.n, code.p, (int)severity.n, severity.p);
            return false;
        }
    }
    return true;
}

/* Entries that match: an outcome among them, or what was included, is not counted. */
static int64_t count_matches(const struct auth_json_node *body)
{
    int64_t count = 0;
    for (const struct auth_json_node *e = auth_json_first(auth_json_member(body, "entry")); e; e = auth_json_next(e)) {
        struct auth_view mode = auth_json_member_string(auth_json_member(e, "search"), "mode");
        count += mode.n == 0 || auth_view_equals(mode, "match");
    }
    return count;
}

static bool number_holds(const struct auth_json_node *expect, const char *name, bool is_there, int64_t own,
                         struct auth_buf *expected, struct auth_buf *actual)
{
    int64_t wanted;
    if (!auth_json_int(auth_json_member(expect, name), &wanted))
        return true;
    auth_buf_addf(expected, ", %s %lld", name, (long long)wanted);
    if (is_there && own == wanted)
        return true;
    if (is_there)
        auth_buf_addf(actual, "%s %lld", name, (long long)own);
    else
        auth_buf_addf(actual, "no %s", name);
    return false;
}

/* ---- all ---- */

static bool contains_hold(const struct auth_json_node *expect, struct auth_view body, struct auth_buf *expected,
                          struct auth_buf *actual)
{
    for (const struct auth_json_node *c = auth_json_first(auth_json_member(expect, "contains")); c;
         c = auth_json_next(c)) {
        struct auth_view wanted = auth_json_string(c);
        char text[256];
        size_t n = wanted.n < sizeof text - 1 ? wanted.n : sizeof text - 1;
        for (size_t i = 0; i < n; i++)
            text[i] = wanted.p[i];
        text[n] = '\0';
        auth_buf_add_string(expected, ", body with ");
        add_shown(expected, wanted);
        if (!auth_view_contains(body, text)) {
            auth_buf_add_string(actual, "body without ");
            add_shown(actual, wanted);
            return false;
        }
    }
    return true;
}

bool conf_expect_holds(const struct auth_json_node *expect, const struct auth_http_response *response,
                       struct auth_buf *expected, struct auth_buf *actual)
{
    struct auth_json *doc = NULL;
    struct auth_view text = auth_buf_view(&response->body);
    (void)!auth_json_parse(text, &doc, NULL); /* HTML and XML are bodies too */
    const struct auth_json_node *body = auth_json_root(doc);
    int64_t total = 0;
    bool has_total = auth_json_int(auth_json_member(body, "total"), &total);
    bool holds = status_holds(expect, response, expected, actual) && error_holds(expect, body, expected, actual) &&
                 headers_hold(expect, response, expected, actual) && outcomes_hold(expect, body, expected, actual) &&
                 number_holds(expect, "entries", true, count_matches(body), expected, actual) &&
                 number_holds(expect, "total", has_total, total, expected, actual) &&
                 contains_hold(expect, text, expected, actual);
    if (holds)
        auth_buf_addf(actual, "status %d", response->status);
    if (!holds && response->status >= ERROR_STATUS && text.n) {
        auth_buf_add_string(actual, ": ");
        add_shown(actual, text);
    }
    auth_json_free(doc);
    return holds;
}
