/* The token request: a new assertion for every attempt, and an answer that is taken whole or not at all. */
#include <stdlib.h>
#include <string.h>

#include "auth/client/client.h"
#include "auth/core/form.h"
#include "auth/core/json.h"
#include "auth/core/text.h"

enum {
    CLOCK_OFF_S = 30, /* a clock this wrong is worth a second assertion */
    RETRY_AFTER_MAX_S = 30,
    LIFETIME_DEFAULT_S = 300,
    LIFETIME_MAX_S = 86400,
    TOKEN_MAX_N = 64 * 1024
};

void auth_token_clear(struct auth_token *token)
{
    if (token->text)
        auth_wipe(token->text, strlen(token->text));
    free(token->text);
    memset(token, 0, sizeof *token);
}

/* ---- retrying ---- */

bool auth_client_is_transient(enum auth_rc rc, int status)
{
    static const int statuses[] = {408, 429, 500, 502, 503, 504};
    if (rc != AUTH_OK)
        return rc == AUTH_E_NETWORK || rc == AUTH_E_TIMEOUT;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (status == statuses[i])
            return true;
    }
    return false;
}

int64_t auth_client_timeout_ms(const struct epic_auth *auth, int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms - auth->env->steady_ms(auth->env->ctx);
    left_ms = left_ms < auth->timeout_ms ? left_ms : auth->timeout_ms;
    return left_ms < 1 ? 1 : left_ms;
}

int64_t auth_client_jitter(const struct auth_env *env, int64_t n)
{
    unsigned char byte = 0;
    (void)env->random(env->ctx, &byte, sizeof byte);
    return n * byte / 255;
}

bool auth_client_pause(const struct epic_auth *auth, int attempt, int64_t retry_after_s, int64_t deadline_ms)
{
    int64_t wait_ms = (int64_t)200 << (attempt - 1);
    if (retry_after_s > 0)
        wait_ms = (retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S) * 1000;
    else
        wait_ms += auth_client_jitter(auth->env, wait_ms / 2);
    if (auth->env->steady_ms(auth->env->ctx) + wait_ms >= deadline_ms)
        return false;
    auth->env->sleep_ms(auth->env->ctx, wait_ms);
    return true;
}

int64_t auth_client_retry_after(const struct epic_auth *auth, const struct auth_http_response *response)
{
    struct auth_view text = auth_http_response_header(response, "retry-after");
    int64_t value = 0;
    if (auth_view_int(text, &value))
        return value > 0 ? value : 0;
    if (!auth_text_parse_http_date(text, &value))
        return 0;
    /* a date is by the server's clock, so it is measured by it where it can be read */
    value -= response->date_s ? response->date_s : auth->env->wall_s(auth->env->ctx);
    return value > 0 ? value : 0;
}

/* ---- the answer ---- */

/* A token goes into a header again, so CR, LF and NUL in it would be an injection. */
static bool is_token_text(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= 0x20 || text.p[i] >= 0x7f)
            return false;
    }
    return text.n > 0 && text.n <= TOKEN_MAX_N;
}

static bool is_digits(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    }
    return text.n > 0;
}

/* Integer, integral float or digit string; missing or garbage counts as a short default, beyond a day as a day. What
 * no clock can hold is an error, because nobody knows what was meant. */
static enum auth_rc read_lifetime(const struct auth_json_node *node, struct auth_token *token, struct auth_err *err)
{
    double number;
    struct auth_view text = auth_json_string(node);
    int64_t *lifetime_s = &token->lifetime_s;
    if (!auth_json_int(node, lifetime_s) && !auth_view_int(text, lifetime_s)) {
        if (is_digits(text) || (auth_json_double(node, &number) && (number > 9e15 || number < -9e15)))
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
    else if (!is_token_text(text))
        rc = auth_err_set(err, AUTH_E_PROTOCOL, "the token endpoint's answer holds no usable access_token");
    else if (!auth_view_is_nocase(auth_json_member_string(root, "token_type"), "bearer"))
        rc = auth_err_set(err, AUTH_E_PROTOCOL, "the token endpoint's token_type is not bearer");
    else
        rc = read_lifetime(auth_json_member(root, "expires_in"), &read, err);
    read.text = rc == AUTH_OK ? auth_view_dup(text) : NULL;
    if (rc == AUTH_OK && !read.text)
        rc = auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    if (rc == AUTH_OK)
        *token = read;
    auth_json_free(doc);
    return rc;
}

/* A refusal: OAuth's error when there is one; else what else can be said. */
static enum epic_auth_rc explain(const struct auth_http_response *response, struct epic_auth_error *error)
{
    struct auth_json *doc = NULL;
    enum auth_rc parsed = auth_json_parse(auth_buf_view(&response->body), &doc, NULL);
    if (parsed == AUTH_E_NOMEM)
        return auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory");
    if (parsed != AUTH_OK)
        doc = NULL; /* an HTML page, say: then only the status speaks */
    const struct auth_json_node *root = auth_json_root(doc);
    struct auth_view code = auth_json_member_string(root, "error");
    bool is_throttled = auth_client_is_transient(AUTH_OK, response->status);
    enum epic_auth_rc rc = code.n ? EPIC_AUTH_E_OAUTH : is_throttled ? EPIC_AUTH_E_THROTTLED : EPIC_AUTH_E_PROTOCOL;
    rc = auth_error_set(
        error, rc, code.n ? "the token endpoint refused: HTTP %d, %.*s" : "the token endpoint answered HTTP %d%.*s",
        response->status, (int)(code.n < 60 ? code.n : 60), code.n ? code.p : "");
    if (error) {
        error->http_status = response->status;
        auth_error_keep(error->oauth_error, sizeof error->oauth_error, code);
        auth_error_keep(error->oauth_description, sizeof error->oauth_description,
                        auth_json_member_string(root, "error_description"));
    }
    auth_json_free(doc);
    return rc;
}

/* ---- the request ---- */

static enum auth_rc make_form(const struct epic_auth *auth, int64_t offset_s, struct auth_buf *form,
                              struct auth_err *err)
{
    struct auth_buf assertion;
    auth_buf_init_secret(&assertion, 32 * 1024);
    enum auth_rc rc = auth_assertion_make(auth, offset_s, &assertion, err);
    auth_form_write(form, auth_view_of("grant_type"), auth_view_of("client_credentials"));
    auth_form_write(form, auth_view_of("client_assertion_type"),
                    auth_view_of("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    auth_form_write(form, auth_view_of("client_assertion"), auth_buf_view(&assertion));
    if (auth->config.values[AUTH_SET_SCOPES])
        auth_form_write(form, auth_view_of("scope"), auth_view_of(auth->config.values[AUTH_SET_SCOPES]));
    auth_buf_clear(&assertion);
    return rc == AUTH_OK ? auth_buf_check(form, err) : rc;
}

static enum auth_rc send_once(struct epic_auth *auth, int64_t offset_s, int64_t deadline_ms,
                              struct auth_http_response *response, struct auth_err *err)
{
    struct auth_buf form;
    struct auth_http_header headers[] = {
        {"Content-Type", auth_view_of("application/x-www-form-urlencoded")},
        {"Accept", auth_view_of("application/json")},
    };
    auth_buf_init_secret(&form, 64 * 1024);
    enum auth_rc rc = make_form(auth, offset_s, &form, err);
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

/* What one attempt told besides its result. */
struct attempt {
    bool is_transient;
    bool is_refusal; /* 400 or 401: of the assertion, most likely */
    int64_t retry_after_s;
};

static enum epic_auth_rc try_once(struct epic_auth *auth, int64_t offset_s, int64_t deadline_ms,
                                  struct auth_token *token, struct attempt *attempt, struct epic_auth_error *error)
{
    struct auth_http_response response;
    struct auth_err err = {0};
    enum epic_auth_rc result;
    memset(&response, 0, sizeof response);
    int64_t sent_s = auth->env->wall_s(auth->env->ctx);
    enum auth_rc rc = send_once(auth, offset_s, deadline_ms, &response, &err);
    int64_t middle_s = sent_s + (auth->env->wall_s(auth->env->ctx) - sent_s) / 2;
    auth_error_clear(error);
    attempt->is_transient = auth_client_is_transient(rc, response.status);
    attempt->is_refusal = rc == AUTH_OK && (response.status == 400 || response.status == 401);
    attempt->retry_after_s = rc == AUTH_OK ? auth_client_retry_after(auth, &response) : 0;
    if (rc == AUTH_OK && response.status == 200)
        rc = auth_token_parse(auth_buf_view(&response.body), token, &err);
    if (rc != AUTH_OK)
        result = auth_error_from(error, rc, &err);
    else
        result = response.status == 200 ? EPIC_AUTH_OK : explain(&response, error);
    error->retry_after_s = attempt->retry_after_s;
    error->clock_offset_s = response.date_s ? response.date_s - middle_s : 0;
    auth_http_response_clear(&response);
    return result;
}

static bool is_far(int64_t a_s, int64_t b_s)
{
    return a_s - b_s > CLOCK_OFF_S || b_s - a_s > CLOCK_OFF_S;
}

static void add_clock_remark(struct epic_auth_error *error)
{
    char said[sizeof error->message];
    memcpy(said, error->message, sizeof said);
    (void)auth_error_set(error, error->rc, "%s; an assertion corrected by the server's Date (%+lld s) was refused too",
                         said, (long long)error->clock_offset_s);
}

enum epic_auth_rc auth_token_request(struct epic_auth *auth, int attempts, int64_t deadline_ms,
                                     struct auth_token *token, struct epic_auth_error *error)
{
    int64_t offset_s = atomic_load(&auth->offset_s);
    bool was_resigned = false, was_corrected = false;
    for (int count = 1;;) {
        struct attempt attempt;
        enum epic_auth_rc rc = try_once(auth, offset_s, deadline_ms, token, &attempt, error);
        if (rc == EPIC_AUTH_OK) {
            auth->has_worked = true;
            atomic_store(&auth->offset_s, offset_s);
            return rc;
        }
        bool is_clock_off = error->clock_offset_s && is_far(error->clock_offset_s, offset_s);
        if (attempt.is_refusal && !was_resigned && (is_clock_off || auth->has_worked)) {
            was_resigned = true;
            was_corrected = is_clock_off;
            if (is_clock_off)
                offset_s = error->clock_offset_s;
            continue;
        }
        if (!attempt.is_transient || count >= attempts ||
            !auth_client_pause(auth, count++, attempt.retry_after_s, deadline_ms)) {
            if (was_corrected && attempt.is_refusal)
                add_clock_remark(error);
            return rc;
        }
    }
}
