/* Compares an answer with what a case expects: status, headers, body. */
#include "conformance/suite/expect.h"

#include <stdio.h>

#include "auth/core/text.h"
#include "conformance/suite/case.h"
#include "conformance/suite/path.h"

enum { SHOWN_N = 160, ERROR_STATUS = 400, TEXT_MAX_N = 64 * 1024 };

bool conf_expect_is_accepted(const struct auth_http_response *response)
{
    return response->status >= 200 && response->status < 300;
}

/* ---- status and error ---- */

static bool status_holds(const struct conf_expectation *e)
{
    const struct auth_json_node *list = auth_json_member(e->expect, "status");
    bool holds = !auth_json_first(list);
    auth_buf_add_string(e->expected, auth_json_first(list) ? "status" : "any status");
    for (const struct auth_json_node *s = auth_json_first(list); s; s = auth_json_next(s)) {
        int64_t wanted = 0;
        (void)auth_json_int(s, &wanted);
        auth_buf_addf(e->expected, " %lld", (long long)wanted);
        holds = holds || wanted == e->response->status;
    }
    if (!holds)
        auth_buf_addf(e->actual, "status %d", e->response->status);
    return holds;
}

static bool error_holds(const struct conf_expectation *e)
{
    struct auth_view wanted = auth_json_member_string(e->expect, "error");
    struct auth_view own = auth_json_member_string(e->body, "error");
    return wanted.n == 0 || conf_expect_tell(e, "error", wanted, auth_view_equals_view(wanted, own), own);
}

/* ---- headers ---- */

static void to_lower(struct auth_view name, char *lower, size_t size)
{
    size_t n = name.n < size ? name.n : size - 1;
    for (size_t i = 0; i < n; i++)
        lower[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] - 'A' + 'a') : name.p[i];
    lower[n] = '\0';
}

static bool headers_hold(const struct conf_expectation *e)
{
    for (const struct auth_json_node *h = auth_json_first(auth_json_member(e->expect, "headers")); h;
         h = auth_json_next(h)) {
        char name[64], what[80];
        to_lower(auth_json_name(h), name, sizeof name);
        (void)snprintf(what, sizeof what, "header %s:", name);
        struct auth_view own = auth_http_response_header(e->response, name), wanted = auth_json_string(h);
        if (!conf_expect_tell(e, what, wanted.n ? wanted : auth_view_from_string("absent"),
                              conf_expect_text_holds(e, h, own), own))
            return false;
    }
    return true;
}

/* ---- body ---- */

/* A text as text, a number, true, false, or null for what is not there. */
static bool value_holds(const struct conf_expectation *e, const struct auth_json_node *wanted,
                        const struct auth_json_node *own, int64_t count)
{
    int64_t number, own_number;
    bool truth, own_truth;
    if (auth_json_type(wanted) == AUTH_JSON_NULL || auth_view_equals(auth_json_string(wanted), "<absent>"))
        return !own && count < 0;
    if (auth_view_equals(auth_json_string(wanted), "<any>"))
        return own != NULL;
    if (auth_json_int(wanted, &number))
        return (count >= 0 && count == number) || (auth_json_int(own, &own_number) && own_number == number);
    if (auth_json_bool(wanted, &truth))
        return auth_json_bool(own, &own_truth) && truth == own_truth;
    return auth_json_type(own) == AUTH_JSON_STRING && conf_expect_text_holds(e, wanted, auth_json_string(own));
}

static void add_value(struct auth_buf *text, const struct auth_json_node *value, int64_t count)
{
    int64_t number;
    bool truth;
    if (count >= 0 || auth_json_int(value, &number))
        auth_buf_add_int(text, count >= 0 ? count : number);
    else if (auth_json_bool(value, &truth))
        auth_buf_add_string(text, truth ? "true" : "false");
    else if (auth_json_type(value) == AUTH_JSON_STRING)
        auth_buf_add_view(text, auth_json_string(value));
    else
        auth_buf_add_string(text, value ? auth_json_type_text(auth_json_type(value)) : "absent");
}

static bool place_holds(const struct conf_expectation *e, const struct auth_json_node *wanted)
{
    struct auth_buf what, want, have;
    int64_t count;
    struct auth_view path = auth_json_name(wanted);
    const struct auth_json_node *own = conf_path_find(e->body, path, &count);
    auth_buf_init(&what, 1024);
    auth_buf_init(&want, TEXT_MAX_N);
    auth_buf_init_secret(&have, TEXT_MAX_N);
    auth_buf_add_view(&what, path);
    add_value(&want, wanted, -1);
    add_value(&have, own, count);
    bool holds = conf_expect_tell(e, what.p ? what.p : "", auth_buf_view(&want), value_holds(e, wanted, own, count),
                                  auth_buf_view(&have));
    auth_buf_clear(&what);
    auth_buf_clear(&want);
    auth_buf_clear(&have);
    return holds;
}

/* The whole text, or places in it. */
static bool body_holds(const struct conf_expectation *e)
{
    const struct auth_json_node *wanted = auth_json_member(e->expect, "body");
    struct auth_view own = auth_buf_view(&e->response->body);
    if (auth_json_type(wanted) == AUTH_JSON_STRING) {
        struct auth_view text = auth_json_string(wanted);
        return conf_expect_tell(e, "body", text.n ? text : auth_view_from_string("empty"),
                                conf_expect_text_holds(e, wanted, own), own);
    }
    for (const struct auth_json_node *w = auth_json_first(wanted); w; w = auth_json_next(w)) {
        if (!place_holds(e, w))
            return false;
    }
    return true;
}

/* Texts that the body has, or has not. */
static bool texts_hold(const struct conf_expectation *e, const char *member, bool has)
{
    struct auth_view body = auth_buf_view(&e->response->body);
    for (const struct auth_json_node *c = auth_json_first(auth_json_member(e->expect, member)); c;
         c = auth_json_next(c)) {
        struct auth_buf text;
        auth_buf_init_secret(&text, TEXT_MAX_N);
        bool holds = conf_values_expand(e->values, auth_json_string(c), &text, NULL) == AUTH_OK &&
                     auth_view_contains(body, text.n ? text.p : "") == has;
        struct auth_view shown = auth_buf_view(&text);
        holds = conf_expect_tell(e, has ? "body with" : "body without", shown, holds,
                                 auth_view_from_string(has ? "not there" : "there"));
        auth_buf_clear(&text);
        if (!holds)
            return false;
    }
    return true;
}

/* ---- all ---- */

bool conf_expect_holds(const struct auth_json_node *expect, const struct auth_http_response *response,
                       struct conf_values *values, struct auth_buf *expected, struct auth_buf *actual)
{
    struct auth_json *doc = NULL;
    struct auth_view text = auth_buf_view(&response->body);
    (void)!auth_json_parse(text, &doc, NULL); /* HTML and XML are bodies too */
    const struct conf_expectation e = {expect, response, auth_json_root(doc), values, expected, actual};
    bool holds = status_holds(&e) && error_holds(&e) && headers_hold(&e) && conf_expect_fhir_holds(&e) &&
                 body_holds(&e) && texts_hold(&e, "contains", true) && texts_hold(&e, "lacks", false);
    if (holds)
        auth_buf_addf(actual, "status %d", response->status);
    if (!holds && response->status >= ERROR_STATUS && text.n) {
        auth_buf_add_string(actual, ": ");
        auth_text_escape(actual, text, SHOWN_N);
    }
    auth_json_free(doc);
    return holds;
}
