/* FHIR reads: a token for every request, one replay after a 401, credentials to one origin only, and nothing given out that
 * is not what was asked for. */
#include "auth/client/fhir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/client/answer.h"
#include "auth/client/retry.h"
#include "auth/client/url_hint.h"
#include "auth/core/form.h"
#include "auth/core/text.h"
#include "auth/core/url.h"

enum { ATTEMPTS = 3, REDIRECTS_MAX = 5, BODY_MAX = 256 * 1024 * 1024, ERROR_BODY_MAX = 1024 * 1024 };

/* ---- one request ---- */

static enum epic_auth_rc check_origin(const struct epic_auth *auth, const char *url, struct epic_auth_error *error)
{
    struct auth_url ours, theirs;
    struct auth_buf shown;
    if (auth_url_parse(auth_view_from_string(auth->fhir_base), &ours, NULL) == AUTH_OK &&
        auth_url_parse(auth_view_from_string(url), &theirs, NULL) == AUTH_OK && auth_url_same_origin(&ours, &theirs))
        return EPIC_AUTH_OK;
    auth_buf_init(&shown, 4096);
    auth_answer_show_url(&shown, url);
    enum epic_auth_rc rc =
        auth_error_set(&auth->voice, error, EPIC_AUTH_E_ORIGIN,
                       "the server named %s, which is not of the FHIR server's origin; no token was sent there",
                       shown.p ? shown.p : "");
    auth_buf_clear(&shown);
    return rc;
}

static enum auth_rc send_once(struct epic_auth *auth, const char *url, const char *token, int64_t deadline_ms,
                              struct auth_http_response *response, struct auth_err *err)
{
    struct auth_buf bearer;
    auth_buf_init_secret(&bearer, 128 * 1024);
    auth_buf_add_string(&bearer, "Bearer ");
    auth_buf_add_string(&bearer, token);
    struct auth_http_header headers[] = {
        {"Authorization", auth_buf_view(&bearer)},
        {"Accept", auth_view_from_string("application/fhir+json")},
    };
    struct auth_http_request request = {
        .method = "GET",
        .url = url,
        .headers = headers,
        .header_count = 2,
        .timeout_ms = auth_client_timeout_ms(auth, deadline_ms),
        .transfer_ms = auth->transfer_ms,
        .body_max = BODY_MAX,
        .error_body_max = ERROR_BODY_MAX,
    };
    enum auth_rc rc = auth->http->send(auth->http, &request, response, err);
    auth_buf_clear(&bearer);
    return rc;
}

/* ---- what came ---- */

static enum epic_auth_rc rc_of_status(int status)
{
    if (status == 401 || status == 403)
        return EPIC_AUTH_E_DENIED;
    if (status == 404 || status == 410)
        return EPIC_AUTH_E_NOT_FOUND;
    return auth_client_is_transient(AUTH_OK, status) ? EPIC_AUTH_E_THROTTLED : EPIC_AUTH_E_FHIR;
}

/* What an OperationOutcome means that came with HTTP 200: its first code says it (FHIR R4, issue-type). */
static enum epic_auth_rc rc_of_code(const char *code)
{
    static const struct {
        const char *code;
        enum epic_auth_rc rc;
    } rows[] = {
        {"not-found", EPIC_AUTH_E_NOT_FOUND}, {"deleted", EPIC_AUTH_E_NOT_FOUND},
        {"forbidden", EPIC_AUTH_E_DENIED},    {"login", EPIC_AUTH_E_DENIED},
        {"expired", EPIC_AUTH_E_DENIED},      {"security", EPIC_AUTH_E_DENIED},
        {"unknown", EPIC_AUTH_E_DENIED},      {"throttled", EPIC_AUTH_E_THROTTLED},
        {"transient", EPIC_AUTH_E_THROTTLED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(code, rows[i].code) == 0)
            return rows[i].rc;
    }
    return EPIC_AUTH_E_FHIR;
}

/* Record "URL answered ...: why". */
static enum epic_auth_rc complain(const struct epic_auth *auth, const char *url,
                                  const struct auth_http_response *response, const struct auth_answer *answer,
                                  enum epic_auth_rc rc, const char *why, struct epic_auth_error *error)
{
    struct auth_buf text;
    auth_buf_init(&text, 4096);
    auth_answer_describe(&text, url, response, answer);
    auth_buf_add_string(&text, why);
    rc = auth_buf_ok(&text) ? auth_error_set(&auth->voice, error, rc, "%s", text.p) : auth_error_nomem(error);
    auth_buf_clear(&text);
    if (error)
        error->http_status = response->status;
    return rc;
}

/* An OperationOutcome: its issues are the message. */
static enum epic_auth_rc explain_outcome(const struct epic_auth *auth, const char *url,
                                         const struct auth_http_response *response, struct epic_auth_error *error)
{
    static const char lacks[] = ": the app lacks this API, or the user may not see it";
    struct auth_json *doc = NULL;
    struct auth_buf shown;
    enum epic_auth_rc rc = rc_of_status(response->status);
    if (auth_json_parse(auth_buf_view(&response->body), &doc, NULL) == AUTH_E_NOMEM)
        return auth_error_nomem(error);
    const struct auth_json_node *issue = auth_json_first(auth_json_member(auth_json_root(doc), "issue"));
    auth_buf_init(&shown, 4096);
    auth_answer_show_url(&shown, url);
    if (response->status == 200)
        rc = rc_of_code(auth_json_member_string(issue, "code").n ? auth_json_member_string(issue, "code").p : "");
    rc = auth_error_set(&auth->voice, error, rc, "%s answered HTTP %d%s%s", shown.p ? shown.p : "the FHIR server",
                        response->status, response->status == 200 ? " with an OperationOutcome" : "",
                        response->status == 403 ? lacks : "");
    if (error)
        error->http_status = response->status;
    auth_error_add_issues(&auth->voice, error, auth_json_root(doc));
    auth_buf_clear(&shown);
    auth_json_free(doc);
    return rc;
}

/* What the answer says about the base URL; "": nothing. */
static const char *why_not(const struct auth_http_response *response, const struct auth_answer *answer)
{
    int status = response->status;
    if (status >= 300 && status < 400)
        return "; no redirect to another origin is followed, nor one too many";
    if (status == 404 || status == 410)
        return "; of a missing resource a FHIR server says so in an OperationOutcome";
    if (status == 200 && answer->kind == AUTH_ANSWER_JSON)
        return " that is no FHIR resource";
    if (answer->kind == AUTH_ANSWER_WEB_PAGE || answer->kind == AUTH_ANSWER_XML || answer->kind == AUTH_ANSWER_OTHER)
        return ", not FHIR in JSON";
    return "";
}

/* Record that no FHIR answer came, and what the likely setting is. */
static enum epic_auth_rc complain_of_base(const struct epic_auth *auth, const char *url,
                                          const struct auth_http_response *response, const struct auth_answer *answer,
                                          enum epic_auth_rc rc, struct epic_auth_error *error)
{
    char text[256];
    const char *why = why_not(response, answer), *hint = auth_url_hint(AUTH_SET_FHIR_BASE_URL, auth->fhir_base);
    if (auth_client_is_transient(AUTH_OK, response->status))
        return complain(auth, url, response, answer, rc, AUTH_ANSWER_BUSY, error);
    if (!*why)
        return complain(auth, url, response, answer, rc, "", error);
    (void)snprintf(text, sizeof text, "%s: %s%s", why,
                   *hint ? "EPIC_FHIR_BASE_URL is wrong, " : "is EPIC_FHIR_BASE_URL right?", hint);
    return complain(auth, url, response, answer, rc, text, error);
}

static const char *article(char first)
{
    return first && strchr("AEIO", first) ? "an" : "a";
}

/* HTTP 200 and JSON: is it what was asked for? */
static enum epic_auth_rc check_type(const struct epic_auth *auth, const char *url,
                                    const struct auth_http_response *response, const struct auth_answer *answer,
                                    const char *type, struct epic_auth_error *error)
{
    struct auth_view came = answer->resource_type;
    char why[160];
    if (type && auth_view_equals(came, type))
        return EPIC_AUTH_OK;
    if (auth_view_equals(came, "OperationOutcome"))
        return explain_outcome(auth, url, response, error);
    if (!type)
        return EPIC_AUTH_OK;
    if (came.n == 0)
        return complain_of_base(auth, url, response, answer, EPIC_AUTH_E_PROTOCOL, error);
    (void)snprintf(why, sizeof why, " that is %s %.*s, not %s %.40s", article(came.p[0]),
                   (int)(came.n < 40 ? came.n : 40), came.p, article(type[0]), type);
    return complain(auth, url, response, answer, EPIC_AUTH_E_PROTOCOL, why, error);
}

static enum epic_auth_rc read_answer(const struct epic_auth *auth, const char *url,
                                     const struct auth_http_response *response, const char *type,
                                     struct epic_auth_error *error)
{
    struct auth_answer answer;
    int status = response->status;
    if (auth_answer_look(response, &answer) != AUTH_OK)
        return auth_error_nomem(error);
    bool is_json = answer.kind == AUTH_ANSWER_JSON;
    if (status == 200 && is_json)
        return check_type(auth, url, response, &answer, type, error);
    if (status != 200 && is_json && auth_view_equals(answer.resource_type, "OperationOutcome"))
        return explain_outcome(auth, url, response, error);
    enum epic_auth_rc rc = rc_of_status(status);
    if (status < 400 || rc == EPIC_AUTH_E_NOT_FOUND)
        rc = EPIC_AUTH_E_PROTOCOL; /* no FHIR server spoke: not a resource is missing, but the server */
    return complain_of_base(auth, url, response, &answer, rc, error);
}

/* 401, or the 403 of a server that says in its challenge that it is the token which is bad (RFC 6750 3.1). */
static bool is_token_refused(const struct auth_http_response *response)
{
    struct auth_view challenge = auth_http_response_header(response, "www-authenticate");
    bool names_token = auth_view_contains(challenge, "invalid_token");
    return response->status == 401 || (response->status == 403 && names_token);
}

/* ---- all attempts ---- */

/* One attempt with the cached token, which is forgotten when the server refuses that very one. */
static enum epic_auth_rc try_once(struct epic_auth *auth, const char *url, const char *type, int64_t deadline_ms,
                                  struct auth_http_response *response, struct auth_attempt *attempt,
                                  struct epic_auth_error *error)
{
    struct auth_err err = {0};
    struct auth_taken token = {.min_left_ms = 0};
    *attempt = (struct auth_attempt){.is_transient = false};
    memset(response, 0, sizeof *response);
    int64_t now_ms = auth->env->steady_ms(auth->env->ctx);
    enum epic_auth_rc result = auth_cache_acquire(&auth->cache, now_ms, deadline_ms, &token, error);
    if (result != EPIC_AUTH_OK)
        return result;
    enum auth_rc rc = send_once(auth, url, token.text, deadline_ms, response, &err);
    epic_auth_string_free(token.text);
    bool is_cut = rc == AUTH_E_TIMEOUT && response->body.n; /* it was on its way: not to be begun again */
    attempt->is_transient = auth_client_is_transient(rc, response->status) && !is_cut;
    attempt->is_timeout = rc == AUTH_E_TIMEOUT;
    auth_error_clear(error);
    if (rc != AUTH_OK)
        return auth_error_from(&auth->voice, error, rc, &err);
    attempt->retry_after_s = auth_client_retry_after(auth, response);
    attempt->is_refusal = is_token_refused(response);
    if (attempt->is_refusal)
        auth_cache_drop(&auth->cache, token.serial);
    result = read_answer(auth, url, response, type, error);
    if (result != EPIC_AUTH_OK && error) {
        error->retry_after_s = attempt->retry_after_s;
        error->clock_offset_s = response->date_s ? response->date_s - auth->env->wall_s(auth->env->ctx) : 0;
    }
    return result;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Where a redirect leads, if the token may go there: Epic redirects reads of merged patients, within the FHIR server.
 * rc  AUTH_OK: *url is the next one; AUTH_E_ORIGIN: nowhere; AUTH_E_NOMEM */
static enum auth_rc follow(const struct epic_auth *auth, const struct auth_http_response *response, char **url)
{
    struct auth_url ours, theirs;
    struct auth_buf target;
    struct auth_view location = auth_http_response_header(response, "location");
    if (!is_redirect(response->status) || location.n == 0)
        return AUTH_E_ORIGIN;
    auth_buf_init(&target, AUTH_FHIR_URL_BUF_MAX);
    enum auth_rc rc = auth_url_resolve(&target, *url, location, NULL);
    bool is_ours = rc == AUTH_OK && auth_url_parse(auth_view_from_string(auth->fhir_base), &ours, NULL) == AUTH_OK &&
                   auth_url_parse(auth_buf_view(&target), &theirs, NULL) == AUTH_OK &&
                   auth_url_same_origin(&ours, &theirs);
    char *next = is_ours ? auth_buf_take(&target, NULL) : NULL;
    auth_buf_clear(&target);
    if (!is_ours)
        return rc == AUTH_E_NOMEM ? rc : AUTH_E_ORIGIN;
    if (!next)
        return AUTH_E_NOMEM;
    free(*url);
    *url = next;
    return AUTH_OK;
}

static void warn_of_base(struct epic_auth *auth)
{
    if (auth_config_is_base_alone(&auth->config) && !atomic_exchange(&auth->has_told_base, true))
        auth_voice_warn(&auth->voice,
                        "EPIC_FHIR_BASE_URL comes from .env, key and token URL do not: your token goes to %s",
                        auth->fhir_base);
}

/* All attempts for one URL, which redirects change. */
static enum epic_auth_rc send_until_settled(struct epic_auth *auth, char **url, const char *type, struct auth_buf *body,
                                            struct epic_auth_error *error)
{
    int64_t deadline_ms = auth->env->steady_ms(auth->env->ctx) + auth->call_timeout_ms;
    bool was_replayed = false;
    int redirects = 0;
    for (int count = 1;;) {
        struct auth_http_response response;
        struct auth_attempt attempt;
        enum epic_auth_rc rc = try_once(auth, *url, type, deadline_ms, &response, &attempt, error);
        enum auth_rc followed = redirects < REDIRECTS_MAX ? follow(auth, &response, url) : AUTH_E_ORIGIN;
        if (rc == EPIC_AUTH_OK) {
            *body = response.body;
            memset(&response.body, 0, sizeof response.body);
        }
        auth_http_response_clear(&response);
        if (followed == AUTH_E_NOMEM)
            return auth_error_nomem(error);
        redirects += followed == AUTH_OK;
        if (followed == AUTH_OK)
            continue;
        if (attempt.is_refusal && !was_replayed) {
            was_replayed = true;
            continue;
        }
        if (!attempt.is_transient || count >= ATTEMPTS ||
            !auth_client_pause(auth, count++, &attempt, deadline_ms, error))
            return rc;
    }
}

enum epic_auth_rc auth_fhir_send(struct epic_auth *auth, const char *url, const char *type, struct auth_buf *body,
                                 struct epic_auth_error *error)
{
    auth_buf_init_secret(body, BODY_MAX);
    enum epic_auth_rc rc = check_origin(auth, url, error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    char *current = auth_view_dup(auth_view_from_string(url));
    if (!current)
        return auth_error_nomem(error);
    warn_of_base(auth);
    rc = send_until_settled(auth, &current, type, body, error);
    free(current);
    return rc;
}

/* ---- reads ---- */

static enum epic_auth_rc get(struct epic_auth *auth, struct auth_buf *url, const char *type, char **json,
                             struct epic_auth_error *error)
{
    struct auth_buf body;
    enum epic_auth_rc rc = EPIC_AUTH_OK;
    auth_buf_init(&body, 0);
    if (!auth_buf_ok(url))
        rc = auth_error_nomem(error);
    if (rc == EPIC_AUTH_OK)
        rc = auth_fhir_send(auth, url->p, type, &body, error);
    if (rc == EPIC_AUTH_OK && !auth_text_is_utf8(auth_buf_view(&body)))
        rc = auth_error_set(&auth->voice, error, EPIC_AUTH_E_PROTOCOL, "the FHIR server's answer is not in UTF-8");
    if (rc == EPIC_AUTH_OK && !(*json = auth_buf_take(&body, NULL)))
        rc = auth_error_nomem(error);
    auth_buf_clear(&body);
    auth_buf_clear(url);
    return rc;
}

enum epic_auth_rc auth_fhir_need_base(const struct epic_auth *auth, struct epic_auth_error *error)
{
    auth_error_clear(error);
    if (auth->fhir_base)
        return EPIC_AUTH_OK;
    struct auth_buf text;
    auth_buf_init(&text, 1024);
    auth_config_explain_missing(&auth->config, AUTH_SET_FHIR_BASE_URL, &text);
    enum epic_auth_rc rc = auth_buf_ok(&text) ? auth_error_set(&auth->voice, error, EPIC_AUTH_E_CONFIG, "%s", text.p)
                                              : auth_error_nomem(error);
    auth_buf_clear(&text);
    return rc;
}

enum epic_auth_rc auth_fhir_too_long(const struct epic_auth *auth, struct epic_auth_error *error)
{
    return auth_error_set(&auth->voice, error, EPIC_AUTH_E_ARGUMENT, "more than %d bytes of arguments",
                          AUTH_FHIR_ARGUMENT_MAX);
}

bool auth_fhir_is_type(const char *type)
{
    size_t n = 0;
    while ((type[n] >= 'A' && type[n] <= 'Z') || (type[n] >= 'a' && type[n] <= 'z'))
        n++;
    return n > 0 && !type[n];
}

enum epic_auth_rc epic_auth_fhir_get(struct epic_auth *auth, const char *type, const char *id, char **json,
                                     struct epic_auth_error *error)
{
    struct auth_buf url;
    if (!auth || !json)
        return auth_error_null(error);
    *json = NULL;
    enum epic_auth_rc rc = auth_fhir_need_base(auth, error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    if (!type || !auth_fhir_is_type(type))
        return auth_error_set(&auth->voice, error, EPIC_AUTH_E_ARGUMENT,
                              "a resource type is needed, in letters, e.g. Patient");
    if (!id || !*id || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
        return auth_error_set(&auth->voice, error, EPIC_AUTH_E_ARGUMENT, "an id is needed, and . and .. are none");
    if (strlen(type) + strlen(id) > AUTH_FHIR_ARGUMENT_MAX)
        return auth_fhir_too_long(auth, error);
    auth_buf_init(&url, AUTH_FHIR_URL_BUF_MAX);
    auth_buf_addf(&url, "%s/%s/", auth->fhir_base, type);
    auth_form_escape(&url, auth_view_from_string(id));
    return get(auth, &url, type, json, error);
}

/* One segment that is "." or "..", escaped or not, which libcurl and servers would work out. */
static bool is_dots(struct auth_view segment)
{
    size_t dots = 0;
    while (segment.n) {
        bool is_escaped = segment.n >= 3 && auth_view_equals_nocase(auth_view_bytes(segment.p, 3), "%2e");
        size_t n = is_escaped ? 3 : 1;
        if (!is_escaped && segment.p[0] != '.')
            return false;
        segment = auth_view_from(segment, n);
        dots++;
    }
    return dots == 1 || dots == 2;
}

/* A path that stays below the base: no bytes that end or change a URL, no dot segments. */
static bool is_path(const char *path)
{
    struct auth_view rest = auth_view_bytes(path, strcspn(path, "?"));
    for (const char *c = path; *c; c++) {
        if ((unsigned char)*c <= 0x20 || *c == '\\' || *c == '#' || *c == 0x7f)
            return false;
    }
    while (rest.n) {
        if (is_dots(auth_view_split(&rest, '/')))
            return false;
    }
    return true;
}

enum epic_auth_rc epic_auth_fhir_get_path(struct epic_auth *auth, const char *path, char **json,
                                          struct epic_auth_error *error)
{
    struct auth_buf url;
    if (!auth || !json)
        return auth_error_null(error);
    *json = NULL;
    enum epic_auth_rc rc = auth_fhir_need_base(auth, error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    if (!path || !is_path(path))
        return auth_error_set(&auth->voice, error, EPIC_AUTH_E_ARGUMENT,
                              "a path below the FHIR base is needed, escaped, without . and .. in it");
    if (strlen(path) > AUTH_FHIR_ARGUMENT_MAX)
        return auth_fhir_too_long(auth, error);
    path += path[0] == '/';
    auth_buf_init(&url, AUTH_FHIR_URL_BUF_MAX);
    auth_buf_addf(&url, "%s/%s", auth->fhir_base, path);
    return get(auth, &url, strcmp(path, "metadata") == 0 ? "CapabilityStatement" : NULL, json, error);
}
