/* Sending admin calls: the URL that is meant, the token, the reason of a refusal. */
#include "mock_epic/cli/call_send.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/json.h"
#include "auth/core/text.h"
#include "auth/core/url.h"
#include "mock_epic/start/admin_token.h"

enum { URL_MAX_N = 4096, TOKEN_MAX_N = 4096, ANSWER_MAX_N = 128 * 1024 * 1024, HEADER_MAX_N = TOKEN_MAX_N + 8 };

static void complete(const char **value, const char *variable)
{
    const char *said = getenv(variable);
    if (!*value && said && *said)
        *value = said;
}

void mock_call_target_complete(struct mock_call_target *target)
{
    complete(&target->url, "MOCK_EPIC_URL");
    complete(&target->admin_token_file, "MOCK_EPIC_ADMIN_TOKEN_FILE");
    complete(&target->ca_file, "MOCK_EPIC_TLS_CA_FILE");
    target->url = target->url ? target->url : MOCK_CALL_DEFAULT_URL;
}

/* Users copy what they see: every URL of the ready object leads here as well as the origin does. */
static enum auth_rc find_root(struct mock_call *call, const char *text, struct auth_err *err)
{
    struct auth_view url = auth_view_from_string(text);
    struct auth_url parts;
    struct auth_err inner = {0};
    if (auth_url_parse(url, &parts, &inner) != AUTH_OK)
        return auth_err_set(err, AUTH_E_ARG, "%.200s: %s", text, inner.detail);
    if (auth_view_find(parts.path, '?') < parts.path.n || auth_view_find(parts.path, '#') < parts.path.n)
        return auth_err_set(err, AUTH_E_ARG, "%.200s: the URL of a mock has no query and no fragment", text);
    url.n = auth_view_find_text(url, "/interconnect-fhir-oauth");
    while (url.n && url.p[url.n - 1] == '/')
        url.n--;
    if (auth_view_ends(url, "/mock"))
        url.n -= strlen("/mock");
    auth_buf_add_view(&call->root, url);
    return auth_buf_check(&call->root, err);
}

enum auth_rc mock_call_open(struct mock_call *call, const struct mock_call_target *target, struct auth_err *err)
{
    struct auth_http_options options = {
        .ca_file = target->ca_file,
        .timeout_ms = target->timeout_s * 1000,
        .user_agent = "mock-epic",
        .allow_plain_http = true,     /* a container's name */
        .reach = AUTH_REACH_NETWORKS, /* no proxy stands before a mock */
    };
    *call = (struct mock_call){.http = NULL};
    auth_buf_init(&call->root, URL_MAX_N);
    auth_buf_init_secret(&call->token, TOKEN_MAX_N);
    enum auth_rc rc = find_root(call, target->url, err);
    if (rc == AUTH_OK && !target->is_open)
        rc = mock_admin_token_read(target->admin_token_file, &call->token, err);
    return rc == AUTH_OK ? auth_http_new(&options, &call->http, err) : rc;
}

void mock_call_clear(struct mock_call *call)
{
    auth_http_free(call->http);
    auth_buf_clear(&call->root);
    auth_buf_clear(&call->token);
}

enum auth_rc mock_call_send(const struct mock_call *call, const char *method, const char *path, struct auth_view body,
                            struct auth_http_response *response, struct auth_err *err)
{
    struct auth_buf url, authorization;
    struct auth_http_header headers[2];
    struct auth_http_request request = {.method = method, .headers = headers, .body = body, .body_max = ANSWER_MAX_N};
    auth_buf_init(&url, URL_MAX_N);
    auth_buf_init_secret(&authorization, HEADER_MAX_N);
    auth_buf_addf(&url, "%s/mock%s", call->root.p, path);
    if (call->token.n) {
        auth_buf_addf(&authorization, "Bearer %s", call->token.p);
        headers[request.header_count++] = (struct auth_http_header){"authorization", auth_buf_view(&authorization)};
    }
    if (body.n)
        headers[request.header_count++] =
            (struct auth_http_header){"content-type", auth_view_from_string("application/json")};
    *response = (struct auth_http_response){.status = 0};
    enum auth_rc rc = auth_buf_check(&url, err);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&authorization, err);
    request.url = url.p;
    if (rc == AUTH_OK)
        rc = call->http->send(call->http, &request, response, err);
    auth_buf_clear(&url);
    auth_buf_clear(&authorization);
    return rc;
}

void mock_call_reason(const struct mock_call *call, const struct auth_http_response *response, struct auth_buf *out)
{
    struct auth_json *doc = NULL;
    struct auth_view message = {NULL, 0};
    if (auth_json_parse(auth_buf_view(&response->body), &doc, NULL) == AUTH_OK)
        message = auth_json_string(auth_json_member(auth_json_root(doc), "message"));
    if (message.n)
        auth_buf_add_view(out, message);
    else
        auth_buf_addf(out, "%s/mock answered HTTP %d: is a mock-epic there?", call->root.p, response->status);
    auth_json_free(doc);
}
