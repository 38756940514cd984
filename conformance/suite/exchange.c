/* Makes the requests of a case and sends them. */
#include "conformance/suite/exchange.h"

#include <string.h>

#include "auth/core/env.h"
#include "auth/core/form.h"
#include "conformance/suite/assertion.h"

enum { URL_MAX_N = 64 * 1024, BODY_MAX_N = 4 * 1024 * 1024, HEADERS_MAX = 24, TRIES_MAX = 6, MINUTE_S = 60 };

static const char absent[] = "<absent>";
static const char form_type[] = "application/x-www-form-urlencoded";

/* A request as it will be sent. */
struct outgoing {
    struct auth_buf url, method, body, names, values_text; /* wiping */
    size_t name_at[HEADERS_MAX], value_at[HEADERS_MAX], value_n[HEADERS_MAX];
    size_t header_count;
};

static void init(struct outgoing *out)
{
    memset(out, 0, sizeof *out);
    auth_buf_init_secret(&out->url, URL_MAX_N);
    auth_buf_init_secret(&out->method, 64);
    auth_buf_init_secret(&out->body, BODY_MAX_N);
    auth_buf_init_secret(&out->names, URL_MAX_N);
    auth_buf_init_secret(&out->values_text, URL_MAX_N);
}

static void clear(struct outgoing *out)
{
    auth_buf_clear(&out->url);
    auth_buf_clear(&out->method);
    auth_buf_clear(&out->body);
    auth_buf_clear(&out->names);
    auth_buf_clear(&out->values_text);
}

/* ---- headers ---- */

static enum auth_rc add_header(struct outgoing *out, struct auth_view name, struct auth_view value,
                               struct conf_values *values, struct auth_err *err)
{
    if (auth_view_equals(value, absent))
        return AUTH_OK;
    if (out->header_count == HEADERS_MAX)
        return auth_err_set(err, AUTH_E_SYNTAX, "more than %d headers", HEADERS_MAX);
    size_t i = out->header_count++;
    out->name_at[i] = out->names.n;
    auth_buf_add_view(&out->names, name);
    auth_buf_add_char(&out->names, '\0');
    out->value_at[i] = out->values_text.n;
    enum auth_rc rc = conf_values_expand(values, value, &out->values_text, err);
    out->value_n[i] = out->values_text.n - out->value_at[i];
    return rc;
}

static const struct auth_json_node *find_header(const struct auth_json_node *headers, const char *name)
{
    const struct auth_json_node *h = auth_json_first(headers);
    while (h && !auth_view_equals_nocase(auth_json_name(h), name))
        h = auth_json_next(h);
    return h;
}

/* Those of the case, and the usual one unless the case has it. */
static enum auth_rc add_usual(struct outgoing *out, const struct auth_json_node *headers, const char *name,
                              const char *value, struct conf_values *values, struct auth_err *err)
{
    if (find_header(headers, name))
        return AUTH_OK;
    return add_header(out, auth_view_from_string(name), auth_view_from_string(value), values, err);
}

static enum auth_rc add_headers(struct outgoing *out, const struct auth_json_node *request, struct auth_view to,
                                bool is_spoiled, struct conf_values *values, struct auth_err *err)
{
    const struct auth_json_node *headers = auth_json_member(request, "headers");
    bool is_fhir = auth_view_equals(to, "fhir"), is_form = auth_json_member(request, "form") != NULL;
    enum auth_rc rc = AUTH_OK;
    if (is_fhir && !is_spoiled)
        rc = add_usual(out, headers, "Authorization", "Bearer {{token}}", values, err);
    if (rc == AUTH_OK && is_fhir)
        rc = add_usual(out, headers, "Accept", "application/fhir+json", values, err);
    if (rc == AUTH_OK && (is_form || auth_view_equals(to, "token") || auth_view_equals(to, "introspect")))
        rc = add_usual(out, headers, "Content-Type", form_type, values, err);
    if (rc == AUTH_OK && auth_view_equals(to, "admin"))
        rc = add_usual(out, headers, "Content-Type", "application/json", values, err);
    for (const struct auth_json_node *h = auth_json_first(headers); h && rc == AUTH_OK; h = auth_json_next(h)) {
        if (!is_spoiled || !auth_view_equals_nocase(auth_json_name(h), "authorization"))
            rc = add_header(out, auth_json_name(h), auth_json_string(h), values, err);
    }
    return rc;
}

/* ---- URL ---- */

static enum auth_rc add_url(struct outgoing *out, const struct conf_target *target,
                            const struct auth_json_node *request, struct auth_view to, struct conf_values *values,
                            struct auth_err *err)
{
    struct auth_view path = auth_json_member_string(request, "path");
    struct auth_view token_url = auth_buf_view(&target->token_url);
    struct auth_view query = auth_json_member_string(request, "query");
    struct auth_view url = auth_json_member_string(request, "url");
    if (url.n)
        return conf_values_expand(values, url, &out->url, err);
    if (auth_view_equals(to, "fhir"))
        auth_buf_addf(&out->url, "%s/", target->fhir.p);
    else if (auth_view_equals(to, "discovery"))
        auth_buf_addf(&out->url, "%s/%s", target->fhir.p, path.n ? "" : ".well-known/smart-configuration");
    else if (auth_view_equals(to, "token"))
        auth_buf_add_view(&out->url, token_url);
    else if (auth_view_equals(to, "introspect"))
        auth_buf_addf(&out->url, "%.*sintrospect", (int)(token_url.n - strlen("token")), token_url.p);
    else if (auth_view_equals(to, "openid"))
        auth_buf_addf(&out->url, "%.*s.well-known/openid-configuration", (int)(token_url.n - strlen("token")),
                      token_url.p);
    else if (auth_view_equals(to, "admin") && target->admin.n)
        auth_buf_addf(&out->url, "%s/", target->admin.p);
    else
        return auth_err_set(err, AUTH_E_SYNTAX, "to: \"%.*s\"", (int)(to.n < 40 ? to.n : 40), to.p);
    enum auth_rc rc = conf_values_expand(values, path, &out->url, err);
    if (rc == AUTH_OK && query.n) {
        auth_buf_add_char(&out->url, '?');
        rc = conf_values_expand(values, query, &out->url, err);
    }
    return rc;
}

/* ---- body ---- */

static enum auth_rc add_field(struct outgoing *out, struct auth_view name, struct auth_view value,
                              struct conf_values *values, struct auth_err *err)
{
    struct auth_buf expanded;
    auth_buf_init_secret(&expanded, BODY_MAX_N);
    enum auth_rc rc = auth_view_equals(value, absent) ? AUTH_E_END : conf_values_expand(values, value, &expanded, err);
    if (rc == AUTH_OK)
        auth_form_write(&out->body, name, auth_buf_view(&expanded));
    auth_buf_clear(&expanded);
    return rc == AUTH_E_END ? AUTH_OK : rc;
}

/* The usual fields of a token request, each changed or left out if the case says so, then those that the case adds. */
static enum auth_rc add_form(struct outgoing *out, const struct auth_json_node *form, bool is_token,
                             struct auth_view assertion, struct conf_values *values, struct auth_err *err)
{
    const struct {
        const char *name;
        struct auth_view value;
    } usual[] = {
        {"grant_type", auth_view_from_string("client_credentials")},
        {"client_assertion_type", auth_view_from_string("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")},
        {"client_assertion", assertion},
        {"scope", auth_view_from_string(values->kid.n ? "system/*.read" : "")},
    };
    enum { USUAL = sizeof usual / sizeof *usual, ASSERTION = 2 };
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; is_token && i < USUAL && rc == AUTH_OK; i++) {
        const struct auth_json_node *change = auth_json_member(form, usual[i].name);
        if (change)
            rc = add_field(out, auth_json_name(change), auth_json_string(change), values, err);
        else if (usual[i].value.n || i == ASSERTION) /* as it is: an assertion may hold anything, braces too */
            auth_form_write(&out->body, auth_view_from_string(usual[i].name), usual[i].value);
    }
    for (const struct auth_json_node *f = auth_json_first(form); f && rc == AUTH_OK; f = auth_json_next(f)) {
        size_t i = 0;
        while (is_token && i < USUAL && !auth_view_equals(auth_json_name(f), usual[i].name))
            i++;
        if (!is_token || i == USUAL)
            rc = add_field(out, auth_json_name(f), auth_json_string(f), values, err);
    }
    return rc;
}

static enum auth_rc add_body(struct outgoing *out, const struct auth_json_node *request, struct auth_view to,
                             struct auth_view assertion, struct conf_values *values, struct auth_err *err)
{
    const struct auth_json_node *raw = auth_json_member(request, "raw"), *body = auth_json_member(request, "body");
    const struct auth_json_node *form = auth_json_member(request, "form");
    bool is_token = auth_view_equals(to, "token");
    struct auth_json_writer w;
    if (auth_json_type(raw) == AUTH_JSON_STRING)
        return conf_values_expand(values, auth_json_string(raw), &out->body, err);
    if (body) {
        auth_json_writer_init(&w, &out->body, AUTH_JSON_COMPACT);
        return conf_values_write(values, body, &w, err);
    }
    return form || is_token ? add_form(out, form, is_token, assertion, values, err) : AUTH_OK;
}

/* ---- all ---- */

static enum auth_rc prepare(struct conf_target *target, const struct auth_json_node *request, struct auth_view to,
                            enum conf_spoil spoil, struct conf_values *values, struct outgoing *out,
                            struct auth_err *err)
{
    struct conf_assertion assertion;
    bool is_spoiled = spoil != CONF_SPOIL_NOTHING;
    struct auth_view method = auth_json_member_string(request, "method");
    enum auth_rc rc = conf_assertion_make(request, is_spoiled, values, &assertion, err);
    if (rc == AUTH_OK)
        rc = add_url(out, target, request, to, values, err);
    if (rc == AUTH_OK)
        rc = add_headers(out, request, to, is_spoiled, values, err);
    if (rc == AUTH_OK)
        rc = add_body(out, request, to, auth_buf_view(&assertion.text), values, err);
    bool is_post = out->body.n || auth_view_equals(to, "token") || auth_view_equals(to, "admin");
    auth_buf_add_view(&out->method, method.n ? method : auth_view_from_string(is_post ? "POST" : "GET"));
    conf_assertion_clear(&assertion);
    return rc == AUTH_OK ? auth_buf_check(&out->url, err) : rc;
}

void conf_exchange_take_date(struct conf_target *target, const struct auth_http_response *response)
{
    const struct auth_env *env = auth_env_system();
    if (response->date_s)
        target->ahead_s = response->date_s - env->wall_s(env->ctx);
}

static enum auth_rc send_out(struct conf_target *target, const struct outgoing *out,
                             struct auth_http_response *response, struct auth_err *err)
{
    struct auth_http_header headers[HEADERS_MAX];
    for (size_t i = 0; i < out->header_count; i++)
        headers[i] = (struct auth_http_header){
            out->names.p + out->name_at[i],
            auth_view_bytes(out->values_text.n ? out->values_text.p + out->value_at[i] : "", out->value_n[i])};
    const struct auth_http_request request = {
        .method = out->method.p,
        .url = out->url.p,
        .headers = headers,
        .header_count = out->header_count,
        .body = auth_buf_view(&out->body),
        .body_max = BODY_MAX_N,
    };
    enum auth_rc rc = target->http->send(target->http, &request, response, err);
    if (rc == AUTH_OK)
        conf_exchange_take_date(target, response);
    return rc;
}

struct conf_values conf_exchange_values(const struct conf_target *target, struct auth_view jti,
                                        const struct conf_kept *kept)
{
    const struct auth_env *env = auth_env_system();
    return (struct conf_values){
        .client_id = auth_buf_view(&target->client_id),
        .token_url = auth_buf_view(&target->token_url),
        .fhir = auth_buf_view(&target->fhir),
        .origin = auth_buf_view(&target->origin),
        .token = auth_buf_view(&target->token),
        .kid = auth_buf_view(&target->kid),
        .jwks_url = auth_buf_view(&target->jwks_url),
        .own = target->key,
        .other = target->other_key,
        .jti = jti,
        .kept = kept,
        .now_s = env->wall_s(env->ctx) + target->ahead_s,
    };
}

enum auth_rc conf_exchange(struct conf_target *target, const struct auth_json_node *request, struct auth_view to,
                           enum conf_spoil spoil, struct auth_view jti, const struct conf_kept *kept,
                           struct auth_http_response *response, struct auth_err *err)
{
    for (int tries = 1;; tries++) {
        struct outgoing out;
        struct conf_values values = conf_exchange_values(target, jti, kept);
        init(&out);
        memset(response, 0, sizeof *response);
        enum auth_rc rc = prepare(target, request, to, spoil, &values, &out, err);
        if (rc == AUTH_OK)
            rc = send_out(target, &out, response, err);
        clear(&out);
        /* a limit is met to the second only if it was judged in the second that it was made for */
        bool is_late = rc == AUTH_OK && values.has_used_now && response->date_s && response->date_s != values.now_s;
        if (!is_late || tries == TRIES_MAX)
            return rc;
        auth_http_response_clear(response);
    }
}

enum auth_rc conf_exchange_token(struct conf_target *target, struct auth_err *err)
{
    struct auth_http_response response;
    struct auth_json *doc = NULL;
    const struct auth_env *env = auth_env_system();
    int64_t lifetime_s = 0, now_s = env->wall_s(env->ctx) + target->ahead_s;
    if (target->token.n && now_s + MINUTE_S < target->token_until_s)
        return AUTH_OK;
    enum auth_rc rc = conf_exchange(target, NULL, auth_view_from_string("token"), CONF_SPOIL_NOTHING,
                                    auth_view_from_string(""), NULL, &response, err);
    if (rc == AUTH_OK && auth_json_parse(auth_buf_view(&response.body), &doc, NULL) != AUTH_OK)
        rc = auth_err_set(err, AUTH_E_OAUTH, "the token endpoint answered %d, and no JSON", response.status);
    struct auth_view token = auth_json_member_string(auth_json_root(doc), "access_token");
    (void)auth_json_int(auth_json_member(auth_json_root(doc), "expires_in"), &lifetime_s);
    if (rc == AUTH_OK && (response.status != 200 || token.n == 0))
        rc = auth_err_set(err, AUTH_E_OAUTH, "a sound token request was answered with %d", response.status);
    if (rc == AUTH_OK) {
        auth_buf_reset(&target->token);
        auth_buf_add_view(&target->token, token);
        target->token_until_s = now_s + lifetime_s;
        rc = auth_buf_check(&target->token, err);
    }
    auth_json_free(doc);
    auth_http_response_clear(&response);
    return rc;
}
