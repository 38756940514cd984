/* The token request: a new assertion for every attempt, and an answer that is taken whole or not at all. */
#include "auth/client/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/client/answer.h"
#include "auth/client/assertion.h"
#include "auth/client/retry.h"
#include "auth/client/url_hint.h"
#include "auth/core/form.h"

enum {
    /* A clock this wrong is worth a second assertion. The back-dating allows for more, but Date has whole seconds and the
     * answer took its time. */
    CLOCK_OFF_S = AUTH_ASSERTION_BACKDATE_S - 2,
    LIFETIME_DEFAULT_S = 300,
    LIFETIME_MAX_S = 86400,
    TOKEN_MAX_N = 64 * 1024
};

/* ---- the answer ---- */

/* b64token of RFC 6750 2.1. The token goes into headers, shells and configuration files: no other byte is let in. */
bool auth_token_is_text(struct auth_view text)
{
    struct auth_view rest = text;
    while (rest.n && rest.p[rest.n - 1] == '=')
        rest.n--;
    for (size_t i = 0; i < rest.n; i++) {
        char c = rest.p[i];
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alnum && (!c || !strchr("-._~+/", c)))
            return false;
    }
    return rest.n > 0 && text.n <= TOKEN_MAX_N;
}

/* Integer, integral float or digit string; missing or garbage counts as a short default, beyond a day as a day. What
 * no clock can hold is an error, because nobody knows what was meant. */
static enum auth_rc read_lifetime(const struct auth_json_node *node, struct auth_token *token, struct auth_err *err)
{
    double number;
    struct auth_view text = auth_json_string(node);
    int64_t *lifetime_s = &token->lifetime_s;
    if (!auth_json_int(node, lifetime_s) && !auth_view_int(text, lifetime_s)) {
        if (auth_view_is_digits(text) || (auth_json_double(node, &number) && (number > 9e15 || number < -9e15)))
            return auth_err_set(err, AUTH_E_PROTOCOL, "the token endpoint's expires_in is beyond all reason");
        *lifetime_s = LIFETIME_DEFAULT_S;
        token->warning = "the token endpoint gave no usable expires_in; 300 s are assumed";
    } else if (*lifetime_s <= 0) {
        token->warning = "the token endpoint's expires_in is not positive; the token is used once";
    }
    if (*lifetime_s > LIFETIME_MAX_S)
        *lifetime_s = LIFETIME_MAX_S;
    if (*lifetime_s < 0)
        *lifetime_s = 0;
    return AUTH_OK;
}

enum auth_rc auth_token_parse(struct auth_view body, struct auth_token *token, struct auth_err *err)
{
    struct auth_json *doc = NULL;
    struct auth_err inner = {0};
    struct auth_token read = {0};
    enum auth_rc parsed = auth_json_parse(body, &doc, &inner);
    if (parsed != AUTH_OK)
        return auth_err_set(err, parsed == AUTH_E_NOMEM ? parsed : AUTH_E_PROTOCOL,
                            "the token endpoint's answer is no JSON: %s", inner.detail);
    const struct auth_json_node *root = auth_json_root(doc);
    struct auth_view text = auth_json_member_string(root, "access_token");
    enum auth_rc rc = AUTH_OK;
    if (auth_json_member(root, "error"))
        rc = auth_err_set(err, AUTH_E_PROTOCOL, "the token endpoint answered 200 with an error in it");
    else if (text.n == 0)
        rc = auth_err_set(err, AUTH_E_PROTOCOL, "the token endpoint's answer holds no access_token");
    else if (!auth_token_is_text(text))
        rc = auth_err_set(
            err, AUTH_E_PROTOCOL,
            "the token endpoint's access_token is none: RFC 6750 allows letters, digits, - . _ ~ + / and = "
            "at its end, up to %d bytes",
            TOKEN_MAX_N);
    else if (!auth_view_equals_nocase(auth_json_member_string(root, "token_type"), "bearer"))
        rc = auth_err_set(err, AUTH_E_PROTOCOL, "the token endpoint's token_type is not bearer");
    else
        rc = read_lifetime(auth_json_member(root, "expires_in"), &read, err);
    struct auth_view scope = auth_json_member_string(root, "scope");
    read.text = rc == AUTH_OK ? auth_view_dup(text) : NULL;
    read.scope = rc == AUTH_OK && scope.n ? auth_view_dup(scope) : NULL; /* NULL, too, when a NUL is in it */
    if (rc == AUTH_OK && !read.text)
        rc = auth_err_no_memory(err);
    if (rc == AUTH_OK)
        *token = read;
    else
        auth_token_clear(&read);
    auth_json_free(doc);
    return rc;
}

/* ---- what is no token ---- */

/* Errors that RFC 6749 4.1.2.1 and RFC 8628 have for what passes, whatever the status. */
static bool is_passing(struct auth_view code)
{
    return auth_view_equals(code, "temporarily_unavailable") || auth_view_equals(code, "server_error") ||
           auth_view_equals(code, "slow_down");
}

/* Behind the description of what came: what to do about it. */
static void add_advice(struct auth_buf *out, const char *url, int status, const struct auth_answer *answer)
{
    const char *hint = auth_url_hint(AUTH_SET_TOKEN_URL, url);
    bool is_moved = status >= 300 && status < 400;
    if (auth_client_is_transient(AUTH_OK, status)) {
        auth_buf_add_string(out, AUTH_ANSWER_BUSY);
        return;
    }
    if (is_moved)
        auth_buf_add_string(out, "; a token request follows no redirect, since it carries a credential");
    else if (status >= 400 || answer->kind == AUTH_ANSWER_WEB_PAGE || answer->kind == AUTH_ANSWER_XML)
        auth_buf_add_string(out, "; this is no token endpoint");
    else
        return;
    if (*hint)
        auth_buf_addf(out, ": EPIC_TOKEN_URL is wrong, %s", hint);
    else
        auth_buf_add_string(out, ": is EPIC_TOKEN_URL right?");
}

/* No OAuth answer came: what was it, and whose setting is it? */
static enum epic_auth_rc explain_other(const struct epic_auth *auth, const struct auth_http_response *response,
                                       const struct auth_answer *answer, struct epic_auth_error *error)
{
    const char *url = auth->config.values[AUTH_SET_TOKEN_URL];
    struct auth_buf text;
    auth_buf_init(&text, 4096);
    auth_buf_add_string(&text, "the token endpoint ");
    auth_answer_describe(&text, url, response, answer);
    add_advice(&text, url, response->status, answer);
    bool is_busy = auth_client_is_transient(AUTH_OK, response->status);
    enum epic_auth_rc rc = auth_error_nomem(error);
    if (auth_buf_ok(&text))
        rc = auth_error_set(&auth->voice, error, is_busy ? EPIC_AUTH_E_THROTTLED : EPIC_AUTH_E_PROTOCOL, "%s", text.p);
    auth_buf_clear(&text);
    error->http_status = response->status;
    return rc;
}

static enum epic_auth_rc explain_json(const struct epic_auth *auth, const struct auth_http_response *response,
                                      const struct auth_answer *answer, struct auth_attempt *attempt,
                                      struct epic_auth_error *error)
{
    struct auth_json *doc = NULL;
    if (auth_json_parse(auth_buf_view(&response->body), &doc, NULL) == AUTH_E_NOMEM)
        return auth_error_nomem(error);
    const struct auth_json_node *root = auth_json_root(doc);
    struct auth_view code = auth_json_member_string(root, "error");
    attempt->is_transient = attempt->is_transient || is_passing(code);
    enum epic_auth_rc rc;
    if (code.n == 0) {
        rc = explain_other(auth, response, answer, error);
    } else {
        const char *did = attempt->is_transient ? "cannot answer now" : "refused";
        rc = auth_error_set(&auth->voice, error, attempt->is_transient ? EPIC_AUTH_E_THROTTLED : EPIC_AUTH_E_OAUTH,
                            "the token endpoint %s: HTTP %d, %.*s", did, response->status,
                            (int)(code.n < 60 ? code.n : 60), code.p);
        error->http_status = response->status;
        auth_error_keep(auth->voice.secrets, error->oauth_error, sizeof error->oauth_error, code);
        auth_error_keep(auth->voice.secrets, error->oauth_description, sizeof error->oauth_description,
                        auth_json_member_string(root, "error_description"));
    }
    auth_json_free(doc);
    return rc;
}

/* Whatever came, in words or as a token. */
static enum epic_auth_rc read_answer(struct epic_auth *auth, const struct auth_http_response *response,
                                     struct auth_token *token, struct auth_attempt *attempt,
                                     struct epic_auth_error *error)
{
    struct auth_answer answer;
    struct auth_err err = {0};
    if (auth_answer_look(response, &answer) != AUTH_OK)
        return auth_error_nomem(error);
    if (answer.kind != AUTH_ANSWER_JSON)
        return explain_other(auth, response, &answer, error);
    if (response->status != 200)
        return explain_json(auth, response, &answer, attempt, error);
    enum auth_rc rc = auth_token_parse(auth_buf_view(&response->body), token, &err);
    if (rc == AUTH_OK)
        rc = auth_secrets_add(auth->voice.secrets, AUTH_SECRETS_PASSING, auth_view_from_string(token->text));
    if (rc == AUTH_OK)
        return EPIC_AUTH_OK;
    auth_token_clear(token);
    return auth_error_from(&auth->voice, error, rc, &err);
}

/* ---- the request ---- */

enum auth_rc auth_token_form(const struct epic_auth *auth, int64_t offset_s, struct auth_buf *form,
                             struct auth_err *err)
{
    struct auth_buf assertion;
    auth_buf_init_secret(&assertion, 32 * 1024);
    enum auth_rc rc = auth_assertion_make(auth, offset_s, &assertion, err);
    auth_form_write(form, auth_view_from_string("grant_type"), auth_view_from_string("client_credentials"));
    auth_form_write(form, auth_view_from_string("client_assertion_type"),
                    auth_view_from_string("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    auth_form_write(form, auth_view_from_string("client_assertion"), auth_buf_view(&assertion));
    if (auth->config.values[AUTH_SET_SCOPES])
        auth_form_write(form, auth_view_from_string("scope"),
                        auth_view_from_string(auth->config.values[AUTH_SET_SCOPES]));
    auth_buf_clear(&assertion);
    return rc == AUTH_OK ? auth_buf_check(form, err) : rc;
}

static enum auth_rc send_once(struct epic_auth *auth, int64_t offset_s, int64_t deadline_ms,
                              struct auth_http_response *response, struct auth_err *err)
{
    struct auth_buf form;
    struct auth_http_header headers[] = {
        {"Content-Type", auth_view_from_string("application/x-www-form-urlencoded")},
        {"Accept", auth_view_from_string("application/json")},
    };
    auth_buf_init_secret(&form, 64 * 1024);
    enum auth_rc rc = auth_token_form(auth, offset_s, &form, err);
    struct auth_http_request request = {
        .method = "POST",
        .url = auth->config.values[AUTH_SET_TOKEN_URL],
        .headers = headers,
        .header_count = 2,
        .body = auth_buf_view(&form),
        .timeout_ms = auth_client_timeout_ms(auth, deadline_ms),
        .body_max = 256 * 1024,
    };
    if (rc == AUTH_OK)
        rc = auth->http->send(auth->http, &request, response, err);
    auth_buf_clear(&form);
    return rc;
}

static enum epic_auth_rc try_once(struct epic_auth *auth, int64_t offset_s, int64_t deadline_ms,
                                  struct auth_token *token, struct auth_attempt *attempt, struct epic_auth_error *error)
{
    struct auth_http_response response;
    struct auth_err err = {0};
    enum epic_auth_rc result;
    memset(&response, 0, sizeof response);
    int64_t sent_s = auth->env->wall_s(auth->env->ctx);
    enum auth_rc rc = send_once(auth, offset_s, deadline_ms, &response, &err);
    int64_t middle_s = sent_s + (auth->env->wall_s(auth->env->ctx) - sent_s) / 2;
    auth_error_clear(error);
    *attempt = (struct auth_attempt){
        .is_transient = auth_client_is_transient(rc, response.status),
        .is_timeout = rc == AUTH_E_TIMEOUT,
        .is_refusal = rc == AUTH_OK && (response.status == 400 || response.status == 401),
        .retry_after_s = rc == AUTH_OK ? auth_client_retry_after(auth, &response) : 0,
    };
    result = rc == AUTH_OK ? read_answer(auth, &response, token, attempt, error)
                           : auth_error_from(&auth->voice, error, rc, &err);
    attempt->is_refusal = attempt->is_refusal && !attempt->is_transient;
    error->retry_after_s = attempt->retry_after_s;
    error->clock_offset_s = response.date_s ? response.date_s - middle_s : 0;
    auth_http_response_clear(&response);
    return result;
}

/* ---- the clock ---- */

static bool is_far(int64_t a_s, int64_t b_s, int64_t limit_s)
{
    return a_s - b_s > limit_s || b_s - a_s > limit_s;
}

/* "your clock is 21 s ahead of the server's (Date)" */
static void write_clock(char *text, size_t n, int64_t offset_s)
{
    (void)snprintf(text, n, "your clock is %lld s %s the server's (Date)",
                   (long long)(offset_s < 0 ? -offset_s : offset_s), offset_s < 0 ? "ahead of" : "behind");
}

/* A refusal with a clock that is beyond what the back-dating allows for: that comes first. */
static void blame_clock(const struct epic_auth *auth, struct epic_auth_error *error, bool was_corrected)
{
    char clock[96], before[128];
    if (!is_far(error->clock_offset_s, 0, AUTH_ASSERTION_BACKDATE_S))
        return;
    write_clock(clock, sizeof clock, error->clock_offset_s);
    (void)snprintf(before, sizeof before, "%s; ", clock);
    auth_error_wrap(&auth->voice, error, before,
                    was_corrected ? ", and an assertion made by the server's clock was refused too" : "");
}

static void tell_correction(struct epic_auth *auth, int64_t offset_s)
{
    char clock[96];
    int64_t before_s = atomic_exchange(&auth->offset_s, offset_s);
    if (!is_far(offset_s, before_s, 1))
        return;
    write_clock(clock, sizeof clock, offset_s);
    auth_voice_warn(&auth->voice, "%s; assertions are made by the server's clock from now on", clock);
}

/* ---- all attempts ---- */

/* May another assertion help against this refusal? By the server's clock, when ours is off; by no other cause, when this key
 * has worked before. */
static bool shall_sign_again(const struct epic_auth *auth, const struct epic_auth_error *error, int64_t *offset_s)
{
    if (!error->clock_offset_s || !is_far(error->clock_offset_s, *offset_s, CLOCK_OFF_S))
        return auth->has_worked;
    auth_voice_tell(&auth->voice,
                    "refused; the server's Date is %+lld s from this clock, the assertion's was %+lld s: signing again",
                    (long long)error->clock_offset_s, (long long)*offset_s);
    *offset_s = error->clock_offset_s;
    return true;
}

enum epic_auth_rc auth_token_request(struct epic_auth *auth, int attempts, int64_t deadline_ms,
                                     struct auth_token *token, struct epic_auth_error *error)
{
    int64_t offset_s = atomic_load(&auth->offset_s);
    const int64_t first_s = offset_s;
    bool was_signed_again = false;
    for (int count = 1;;) {
        struct auth_attempt attempt;
        enum epic_auth_rc rc = try_once(auth, offset_s, deadline_ms, token, &attempt, error);
        if (rc == EPIC_AUTH_OK) {
            auth->has_worked = true;
            tell_correction(auth, offset_s);
            return rc;
        }
        if (attempt.is_refusal && !was_signed_again && shall_sign_again(auth, error, &offset_s)) {
            was_signed_again = true;
            continue;
        }
        if (attempt.is_refusal)
            blame_clock(auth, error, offset_s != first_s);
        if (!attempt.is_transient || count >= attempts ||
            !auth_client_pause(auth, count++, &attempt, deadline_ms, error))
            return error->rc;
        was_signed_again = false;
    }
}
