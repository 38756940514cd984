/* The form.* rules and scope.value: the HTTP side of a token request. All skip when a bare JWT is judged. */
#include <string.h>

#include "auth/rules/around.h"
#include "auth/rules/judge.h"

static const char jwt_bearer_type[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
static const char jwt_bearer_grant[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/* The request's facts; NULL (and the verdict given) when only a JWT is judged. */
static const struct auth_request_facts *request_of(struct auth_judge *j)
{
    if (!j->in->request)
        auth_judge_skip(j);
    return j->in->request;
}

void auth_check_FORM_METHOD(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    auth_judge_text(j, request->method);
    if (!auth_view_equals(request->method, "POST"))
        auth_judge_fail(j, AUTH_CAUSE_NONE);
    else if (request->query.n)
        auth_judge_fail(j, AUTH_CAUSE_QUERY);
    else
        auth_judge_pass(j);
}

/* RFC 9110 8.3.1: the type, then parameters; the only one with a meaning here is charset=utf-8. */
static bool has_only_utf8_charset(struct auth_view parameters)
{
    while (parameters.n) {
        struct auth_view value = auth_view_trim(auth_view_split(&parameters, ';'));
        struct auth_view name = auth_view_trim(auth_view_split(&value, '='));
        value = auth_view_trim(value);
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = auth_view_bytes(value.p + 1, value.n - 2);
        if (name.n && !(auth_view_equals_nocase(name, "charset") && auth_view_equals_nocase(value, "utf-8")))
            return false;
    }
    return true;
}

static enum auth_cause type_cause(struct auth_view type)
{
    if (auth_view_equals_nocase(type, "application/json"))
        return AUTH_CAUSE_JSON_BODY;
    return auth_view_equals_nocase(type, "multipart/form-data") ? AUTH_CAUSE_MULTIPART : AUTH_CAUSE_NONE;
}

void auth_check_FORM_CONTENT_TYPE(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    struct auth_view parameters = request->content_type;
    struct auth_view type = auth_view_trim(auth_view_split(&parameters, ';'));
    if (request->content_type.n)
        auth_judge_text(j, request->content_type);
    else
        auth_judge_absent(j);
    if (request->form_rc == AUTH_OK)
        auth_judge_yield(j); /* a form, whatever it calls itself */
    if (!auth_view_equals_nocase(type, "application/x-www-form-urlencoded")) {
        auth_judge_fail(j, type_cause(type));
    } else if (!has_only_utf8_charset(parameters)) {
        auth_judge_fail(j, AUTH_CAUSE_CHARSET);
    } else if (request->form_rc != AUTH_OK) {
        auth_judge_text(j, request->form_detail);
        auth_judge_fail(j, AUTH_CAUSE_BAD_FORM);
    } else {
        auth_judge_pass(j);
    }
}

void auth_check_FORM_DUPLICATES(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    struct auth_view name = auth_form_duplicate(request->form);
    if (name.n == 0) {
        auth_judge_pass(j);
        return;
    }
    auth_judge_quoted(j, name);
    auth_judge_fail(j, AUTH_CAUSE_NONE);
}

/* ---- a parameter that is not there ---- */

static char plain_letter(char c)
{
    c = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    return c == '-' || c == '.' || c == ' ' ? '_' : c;
}

/* The same name but for capitals, '-' for '_', and at most one letter too many, too few or wrong. */
static bool is_misspelt(struct auth_view sent, const char *name)
{
    size_t n = strlen(name), same = 0, tail = 0, shorter = sent.n < n ? sent.n : n, longer = sent.n < n ? n : sent.n;
    while (same < shorter && plain_letter(sent.p[same]) == name[same])
        same++;
    while (tail < shorter - same && plain_letter(sent.p[sent.n - 1 - tail]) == name[n - 1 - tail])
        tail++;
    return longer - same - tail <= 1;
}

static bool has_jwt(struct auth_view text)
{
    return auth_around_find(text) < text.n && auth_view_find(text, '.') < text.n;
}

/* Fail: no assertion where it belongs. A JWT that stands elsewhere in the request is named by its place. */
static void fail_without_assertion(struct auth_judge *j)
{
    const struct auth_request_facts *request = j->in->request;
    const struct auth_form *form = request->form;
    for (size_t i = 0; i < form->count; i++) {
        if (!has_jwt(form->fields[i].value))
            continue;
        auth_judge_quoted(j, form->fields[i].name);
        auth_judge_fail(j, AUTH_CAUSE_ASSERTION_ELSEWHERE);
        return;
    }
    auth_judge_absent(j);
    auth_judge_fail(j, has_jwt(request->authorization) ? AUTH_CAUSE_ASSERTION_IN_HEADER : AUTH_CAUSE_NONE);
}

/* Fail: the parameter is absent. Say so, or show the one that was meant to be it. */
static void fail_missing(struct auth_judge *j, const char *name, enum auth_cause otherwise, enum auth_oauth_error error)
{
    const struct auth_form *form = j->in->request->form;
    for (size_t i = 0; i < form->count; i++) {
        struct auth_view sent = form->fields[i].name;
        if (auth_view_equals(sent, name) || !is_misspelt(sent, name))
            continue;
        auth_judge_quoted(j, sent);
        auth_judge_fail_as(j, AUTH_CAUSE_NAME_MISSPELT, error);
        return;
    }
    auth_judge_absent(j);
    bool is_json = form->count && auth_view_starts(auth_view_trim(form->fields[0].name), "{");
    if (is_json)
        auth_judge_fail_as(j, AUTH_CAUSE_JSON_BODY, error);
    else if (error == AUTH_OAUTH_INVALID_CLIENT && otherwise == AUTH_CAUSE_NONE &&
             !auth_form_value(form, "client_assertion").n)
        fail_without_assertion(j);
    else
        auth_judge_fail_as(j, otherwise, error);
}

void auth_check_FORM_GRANT_TYPE(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    struct auth_view value = auth_form_value(request->form, "grant_type");
    if (value.n == 0) {
        fail_missing(j, "grant_type", AUTH_CAUSE_NONE, AUTH_OAUTH_INVALID_REQUEST);
        return;
    }
    auth_judge_quoted(j, value);
    bool is_urn = auth_view_equals(value, jwt_bearer_grant) || auth_view_equals(value, jwt_bearer_type);
    if (auth_view_equals(value, "client_credentials"))
        auth_judge_pass(j);
    else
        auth_judge_fail_as(j, is_urn ? AUTH_CAUSE_GRANT_IS_BEARER_URN : AUTH_CAUSE_NONE,
                           auth_judge_switch(j, AUTH_SWITCH_GRANT_ERROR) == 0 ? AUTH_OAUTH_UNSUPPORTED_GRANT_TYPE
                                                                              : AUTH_OAUTH_INVALID_REQUEST);
}

static enum auth_cause assertion_type_cause(struct auth_view value)
{
    if (auth_view_equals(auth_view_trim(value), jwt_bearer_type))
        return AUTH_CAUSE_WHITE_SPACE_AROUND;
    if (auth_view_equals(value, jwt_bearer_grant))
        return AUTH_CAUSE_TYPE_IS_GRANT;
    return auth_view_find(value, '%') < value.n ? AUTH_CAUSE_DOUBLE_ENCODED : AUTH_CAUSE_NONE;
}

void auth_check_FORM_ASSERTION_TYPE(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    struct auth_view value = auth_form_value(request->form, "client_assertion_type");
    if (value.n == 0) {
        fail_missing(j, "client_assertion_type", AUTH_CAUSE_NONE, AUTH_OAUTH_INVALID_CLIENT);
        return;
    }
    auth_judge_quoted(j, value);
    if (auth_view_equals(value, jwt_bearer_type))
        auth_judge_pass(j);
    else
        auth_judge_fail(j, assertion_type_cause(value));
}

void auth_check_FORM_ASSERTION(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    struct auth_view value = auth_form_value(request->form, "client_assertion");
    if (value.n) {
        auth_judge_pass(j); /* the value is a credential: it is not shown */
        return;
    }
    bool is_elsewhere = auth_form_value(request->form, "assertion").n > 0;
    fail_missing(j, "client_assertion", is_elsewhere ? AUTH_CAUSE_NAME_OF_GRANT : AUTH_CAUSE_NONE,
                 AUTH_OAUTH_INVALID_CLIENT);
}

void auth_check_FORM_ONE_METHOD(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    struct auth_view secret;
    if (!request)
        return;
    bool has_assertion = auth_form_value(request->form, "client_assertion").n > 0;
    if (has_assertion && request->authorization.n)
        auth_judge_fail(j, AUTH_CAUSE_BASIC);
    else if (has_assertion && auth_form_get(request->form, "client_secret", &secret))
        auth_judge_fail(j, AUTH_CAUSE_SECRET);
    else
        auth_judge_pass(j);
}

/* ---- scope ---- */

/* Why the list is refused whatever the app was granted; AUTH_CAUSE_NONE when it is not. */
static enum auth_cause malformed_cause(const struct auth_judge *j, const struct auth_scope_list *asked)
{
    if (asked->is_too_long)
        return AUTH_CAUSE_TOO_MANY_SCOPES;
    bool is_ignored = auth_judge_switch(j, AUTH_SWITCH_SCOPE_UNKNOWN) == 1;
    return asked->bad_count && !is_ignored ? AUTH_CAUSE_BAD_SCOPE : AUTH_CAUSE_NONE;
}

static void judge_grant(struct auth_judge *j, const struct auth_scope_list *asked)
{
    struct auth_scope_grant grant = {j->in->client->scopes, j->in->client->scope_count};
    size_t n = auth_scope_covers(asked, &grant) ? 1 : auth_scope_narrow(asked, &grant, NULL);
    if (n == 0 || n > AUTH_SCOPE_TEXT_MAX) {
        auth_judge_fail(j, n ? AUTH_CAUSE_TOO_MANY_SCOPES : AUTH_CAUSE_OUT_OF_SCOPE);
        return;
    }
    for (size_t i = 0; i < asked->count; i++) {
        if (auth_scope_meets(&asked->items[i], &grant))
            continue;
        auth_judge_quoted(j, asked->items[i].text);
        auth_judge_warn(j, AUTH_CAUSE_SCOPE_LEFT_OUT);
        return;
    }
    if (asked->bad_count) {
        auth_judge_quoted(j, asked->bad);
        auth_judge_warn(j, AUTH_CAUSE_SCOPE_UNKNOWN);
    } else {
        auth_judge_pass(j);
    }
}

void auth_check_SCOPE_VALUE(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    struct auth_scope_list asked;
    if (!request)
        return;
    int64_t effect = auth_judge_switch(j, AUTH_SWITCH_SCOPE);
    struct auth_view text = auth_form_value(request->form, "scope");
    if (effect == AUTH_SCOPE_EFFECT_IGNORE || (effect == AUTH_SCOPE_EFFECT_NARROW && !text.n)) {
        auth_judge_skip(j);
        return;
    }
    if (text.n == 0) {
        auth_judge_absent(j);
        auth_judge_fail(j, AUTH_CAUSE_NONE);
        return;
    }
    auth_scope_list_read(text, &asked);
    enum auth_cause malformed = malformed_cause(j, &asked);
    auth_judge_quoted(j, malformed == AUTH_CAUSE_BAD_SCOPE ? asked.bad : text);
    if (malformed == AUTH_CAUSE_NONE)
        judge_grant(j, &asked);
    else
        auth_judge_fail(j, malformed);
}
