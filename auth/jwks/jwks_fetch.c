/* One fetch of a JWK Set: what is asked, how long the answer may be kept, and the reason when it is none. */
#include "auth/jwks/jwks_fetch.h"

#include <string.h>

#include "auth/core/text.h"
#include "auth/core/url.h"
#include "auth/core/version.h"

enum auth_rc auth_jwks_check_url(struct auth_view url, struct auth_err *err)
{
    struct auth_url parts;
    if (auth_url_parse(url, &parts, err) != AUTH_OK)
        return AUTH_E_SYNTAX;
    if (auth_view_find(url, '#') < url.n)
        return auth_err_set(err, AUTH_E_SYNTAX,
                            "the JWK Set URL has a fragment (#...), which is never sent; leave it out");
    if (!parts.is_https && !auth_url_is_loopback(&parts))
        return auth_err_set(err, AUTH_E_SYNTAX,
                            "the JWK Set URL is plain http; Epic wants TLS: write https:// (http is for 127.0.0.1, "
                            "localhost and [::1])");
    return AUTH_OK;
}

enum auth_rc auth_jwks_http_new(const char *ca_file, unsigned reach, const atomic_bool *is_cancelled,
                                struct auth_http **out, struct auth_err *err)
{
    struct auth_http_options options = {
        .ca_file = ca_file,
        .connect_timeout_ms = AUTH_JWKS_CONNECT_MS,
        .timeout_ms = AUTH_JWKS_FETCH_MS,
        .user_agent = "epic-jwks/" AUTH_VERSION,
        .reach = reach,
        .is_cancelled = is_cancelled,
    };
    return auth_http_new(&options, out, err);
}

/* ---- no answer ---- */

static const char *word_of(enum auth_rc rc)
{
    static const struct {
        enum auth_rc rc;
        const char *word;
    } rows[] = {
        {AUTH_E_TLS, "tls"},        {AUTH_E_TIMEOUT, "timeout"}, {AUTH_E_TOO_BIG, "too_big"},
        {AUTH_E_ORIGIN, "blocked"}, {AUTH_E_NETWORK, "network"}, {AUTH_E_PROTOCOL, "protocol"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].rc == rc)
            return rows[i].word;
    }
    return "internal error";
}

/* The transport says what happened; here the owner of the URL must fix it. */
static void explain_silence(enum auth_rc rc, const struct auth_err *inner, struct auth_err *err)
{
    struct auth_view reason = auth_view_from_string(inner->detail[0] ? inner->detail : auth_rc_text(rc));
    if (rc == AUTH_E_TLS) {
        auth_err_set(err, rc, "the JWK Set URL: %.*s; Epic trusts public certificate authorities only", (int)reason.n,
                     reason.p);
    } else if (rc == AUTH_E_TIMEOUT) {
        auth_err_set(err, rc, "the JWK Set URL did not answer within %d s", AUTH_JWKS_FETCH_MS / 1000);
    } else {
        const char *mark = auth_text_cut(&reason, 250);
        auth_err_set(err, rc, "the JWK Set URL: %.*s%s", (int)reason.n, reason.p, mark);
    }
}

/* ---- an answer ---- */

static int64_t keep_s(const struct auth_http_response *response)
{
    struct auth_view directives = auth_http_response_header(response, "cache-control");
    int64_t result_s = INT64_MAX;
    while (directives.n) {
        struct auth_view value = auth_view_trim(auth_view_split(&directives, ','));
        struct auth_view name = auth_view_trim(auth_view_split(&value, '='));
        int64_t age_s;
        if (auth_view_equals_nocase(name, "no-store") || auth_view_equals_nocase(name, "no-cache"))
            return 0;
        if (auth_view_equals_nocase(name, "max-age") && auth_view_int(auth_view_trim(value), &age_s) &&
            age_s < result_s)
            result_s = age_s > 0 ? age_s : 0;
    }
    return result_s;
}

static bool is_json_type(struct auth_view type)
{
    struct auth_view media = auth_view_trim(auth_view_split(&type, ';'));
    return auth_view_equals_nocase(media, "application/json") ||
           auth_view_equals_nocase(media, "application/jwk-set+json");
}

/* A status that brings no set. Returns the word for it. */
static const char *explain_status(const struct auth_http_response *response, struct auth_err *err)
{
    struct auth_buf to;
    int status = response->status;
    const char *word = "status";
    auth_buf_init(&to, 512);
    auth_text_escape(&to, auth_http_response_header(response, "location"), 120);
    if (status >= 300 && status < 400) {
        auth_err_set(err, AUTH_E_HTTP, "the JWK Set URL redirects (%d) to %s; register the URL that answers itself",
                     status, to.n ? to.p : "nowhere");
        word = "redirect";
    } else if (status == 401 || status == 403) {
        auth_err_set(err, AUTH_E_HTTP, "the JWK Set URL wants a login (%d); serve it to everybody", status);
        word = "login";
    } else if (status == 404 || status == 410) {
        auth_err_set(err, AUTH_E_HTTP, "there is nothing at the JWK Set URL (%d)", status);
    } else {
        auth_err_set(err, AUTH_E_HTTP, "the JWK Set URL answers with status %d; 200 and the set are needed", status);
    }
    auth_buf_clear(&to);
    return word;
}

static const char *read_set(struct auth_view body, struct auth_jwk_set *keys, struct auth_err *err)
{
    struct auth_err inner = {0};
    if (auth_key_sniff(body) == AUTH_KEY_FORMAT_HTML) {
        auth_err_set(err, AUTH_E_SYNTAX,
                     "the JWK Set URL gives an HTML page; register the URL of the file itself (\"raw\"), not of a page "
                     "that shows it or wants a login");
        return "html";
    }
    enum auth_rc rc = auth_jwk_set_parse(body, keys, &inner);
    if (rc != AUTH_OK) {
        auth_err_set(err, rc, "the JWK Set URL: %s", inner.detail);
        return "not_a_jwks";
    }
    if (auth_jwk_set_usable(keys) > 0)
        return NULL;
    auth_err_set(err, AUTH_E_KEY, "no key of the JWK Set can be used: %s", auth_jwk_set_problem(keys));
    auth_jwk_set_clear(keys);
    return "no_key";
}

static const char *read_answer(const struct auth_http_response *response, bool wants_json_type,
                               struct auth_jwks_answer *answer, struct auth_err *err)
{
    struct auth_view type = auth_http_response_header(response, "content-type");
    struct auth_view coding = auth_http_response_header(response, "content-encoding");
    answer->status = response->status;
    answer->keep_s = keep_s(response);
    if (response->status != 200)
        return explain_status(response, err);
    if (coding.n && !auth_view_equals_nocase(coding, "identity")) {
        const char *mark = auth_text_cut(&coding, 40);
        auth_err_set(
            err, AUTH_E_HTTP,
            "the JWK Set URL answers with Content-Encoding %.*s%s, which nobody asked for; serve the set as it is",
            (int)coding.n, coding.p, mark);
        return "content_encoding";
    }
    if (wants_json_type && !is_json_type(type)) {
        const char *mark = auth_text_cut(&type, 80);
        auth_err_set(err, AUTH_E_HTTP, "the JWK Set URL answers with Content-Type %.*s%s; serve application/json",
                     (int)type.n, type.n ? type.p : "", mark);
        return "content_type";
    }
    return read_set(auth_buf_view(&response->body), &answer->keys, err);
}

enum auth_rc auth_jwks_fetch(struct auth_http *http, const char *url, bool wants_json_type,
                             struct auth_jwks_answer *answer, struct auth_err *err)
{
    const struct auth_http_header accept = {"Accept", auth_view_from_string("application/json")};
    const struct auth_http_request request = {
        .method = "GET",
        .url = url,
        .headers = &accept,
        .header_count = 1,
        .timeout_ms = AUTH_JWKS_FETCH_MS,
        .body_max = AUTH_JWKS_MAX_N,
    };
    struct auth_http_response response;
    struct auth_err inner = {0}, outcome = {0};
    memset(answer, 0, sizeof *answer);
    enum auth_rc rc = http->send(http, &request, &response, &inner);
    if (rc == AUTH_OK) {
        answer->failure = read_answer(&response, wants_json_type, answer, &outcome);
    } else {
        explain_silence(rc, &inner, &outcome);
        answer->failure = word_of(rc);
    }
    auth_http_response_clear(&response);
    return answer->failure ? auth_err_set(err, outcome.rc, "%s", outcome.detail) : AUTH_OK;
}
