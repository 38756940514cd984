/* The form.* rules and scope.value: the HTTP side of a token request. All skip when a bare JWT is judged. */
#include <string.h>

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
    if (!auth_view_is(request->method, "POST"))
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
        struct auth_view value = auth_view_trim(auth_view_cut(&parameters, ';'));
        struct auth_view name = auth_view_trim(auth_view_cut(&value, '='));
        value = auth_view_trim(value);
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = auth_view_bytes(value.p + 1, value.n - 2);
        if (name.n && !(auth_view_is_nocase(name, "charset") && auth_view_is_nocase(value, "utf-8")))
            return false;
    }
    return true;
}

void auth_check_FORM_CONTENT_TYPE(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    struct auth_view parameters = request->content_type;
    struct auth_view type = auth_view_trim(auth_view_cut(&parameters, ';'));
    if (request->content_type.n)
        auth_judge_text(j, request->content_type);
    else
        auth_judge_absent(j);
    if (!auth_view_is_nocase(type, "application/x-www-form-urlencoded")) {
        auth_judge_fail(j, auth_view_is_nocase(type, "application/json") ? AUTH_CAUSE_JSON_BODY : AUTH_CAUSE_NONE);
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

/* A missing parameter whose name is there with dashes was meant to be it. */
static enum auth_cause missing_cause(const struct auth_form *form, const char *dashed, enum auth_cause otherwise)
{
    struct auth_view value;
    return auth_form_get(form, dashed, &value) ? AUTH_CAUSE_NAME_WITH_DASH : otherwise;
}

void auth_check_FORM_GRANT_TYPE(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    struct auth_view value = auth_form_value(request->form, "grant_type");
    if (value.n == 0) {
        auth_judge_absent(j);
        auth_judge_fail_as(j, missing_cause(request->form, "grant-type", AUTH_CAUSE_GRANT_MISSING),
                           AUTH_OAUTH_INVALID_REQUEST);
        return;
    }
    auth_judge_quoted(j, value);
    if (auth_view_is(value, "client_credentials"))
        auth_judge_pass(j);
    else
        auth_judge_fail(j, auth_view_is(value, jwt_bearer_grant) || auth_view_is(value, jwt_bearer_type)
                               ? AUTH_CAUSE_GRANT_IS_BEARER_URN
                               : AUTH_CAUSE_NONE);
}

void auth_check_FORM_ASSERTION_TYPE(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    struct auth_view value = auth_form_value(request->form, "client_assertion_type");
    if (value.n == 0) {
        auth_judge_absent(j);
        auth_judge_fail(j, missing_cause(request->form, "client-assertion-type", AUTH_CAUSE_NONE));
        return;
    }
    auth_judge_quoted(j, value);
    if (auth_view_is(value, jwt_bearer_type))
        auth_judge_pass(j);
    else
        auth_judge_fail(j, auth_view_find(value, '%') < value.n ? AUTH_CAUSE_DOUBLE_ENCODED : AUTH_CAUSE_NONE);
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
    auth_judge_absent(j);
    auth_judge_fail(j, missing_cause(request->form, "client-assertion", AUTH_CAUSE_NONE));
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

static bool is_granted(const struct auth_client_facts *client, struct auth_view scope)
{
    for (size_t i = 0; i < client->scope_count; i++) {
        if (auth_view_equal(client->scopes[i], scope))
            return true;
    }
    return false;
}

void auth_check_SCOPE_VALUE(struct auth_judge *j)
{
    const struct auth_request_facts *request = request_of(j);
    if (!request)
        return;
    if (auth_judge_switch(j, AUTH_SWITCH_SCOPE) == 0 || !j->in->client || !j->in->client->is_known) {
        auth_judge_skip(j);
        return;
    }
    struct auth_view rest = auth_form_value(request->form, "scope");
    if (rest.n == 0) {
        auth_judge_absent(j);
        auth_judge_fail(j, AUTH_CAUSE_NONE);
        return;
    }
    auth_judge_quoted(j, rest);
    while (rest.n) {
        if (!is_granted(j->in->client, auth_view_cut(&rest, ' '))) {
            auth_judge_fail(j, AUTH_CAUSE_OUT_OF_SCOPE);
            return;
        }
    }
    auth_judge_pass(j);
}
