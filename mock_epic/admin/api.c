/* One request to the admin API: who may ask, which row it is, what it brings; the row's handler does the rest. */
#include "mock_epic/admin/api.h"

#include <stdio.h>
#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/admin/guard.h"
#include "mock_epic/admin/routes.h"

/* ---- what it brings ---- */

static const char *member_name(const void *members, size_t i)
{
    return ((const struct mock_member *)members)[i].name;
}

/* A parameter that is none of the call's would be taken for a filter that it is not. */
static enum auth_rc check_query(const struct mock_admin_call *call, struct auth_err *err)
{
    static const struct mock_admin_members none = {NULL, 0};
    const struct mock_admin_members *known = call->route->parameters ? call->route->parameters : &none;
    struct auth_view duplicate = auth_form_duplicate(&call->query);
    const char *mark = auth_text_cut(&duplicate, 60);
    if (call->route->takes_any_parameter)
        return AUTH_OK;
    if (duplicate.n)
        return auth_err_set(err, AUTH_E_DUPLICATE, "the parameter %.*s%s is given twice", (int)duplicate.n, duplicate.p,
                            mark);
    for (size_t i = 0; i < call->query.count; i++) {
        size_t at = 0;
        while (at < known->count && !auth_view_equals(call->query.fields[i].name, known->rows[at].name))
            at++;
        if (at == known->count)
            return mock_members_unknown("parameter", call->query.fields[i].name, member_name, known->rows, known->count,
                                        err);
    }
    return AUTH_OK;
}

/* Whether the request has a body, also one that the server did not read because its method takes none. */
static bool has_body(const struct mock_request *request)
{
    struct auth_view length = auth_view_trim(mock_request_header(request, "content-length"));
    return request->body.n || (length.n && !auth_view_equals(length, "0")) ||
           mock_request_header(request, "transfer-encoding").n;
}

/* The media type that a body claims to be when it claims not to be JSON; curl -d calls everything a form. */
static struct auth_view other_media_type(const struct mock_request *request)
{
    static const char *const names[] = {"multipart/",       "application/x-www-form-urlencoded",
                                        "application/xml",  "text/xml",
                                        "application/yaml", "application/octet-stream"};
    struct auth_view type = mock_request_header(request, "content-type");
    type = auth_view_trim(auth_view_split(&type, ';'));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]) < type.n ? strlen(names[i]) : type.n;
        if (auth_view_equals_nocase(auth_view_bytes(type.p, n), names[i]))
            return type;
    }
    return auth_view_from_string("");
}

/* Nothing is unpacked here, and no form is read as if it were JSON. */
static void refuse_media_type(struct mock_admin_call *call, const char *what, struct auth_view value)
{
    struct auth_err err = {0};
    auth_err_set(&err, AUTH_E_ARG, "%s %.*s is not read here; send a JSON object, e.g. curl -d '{\"seconds\":60}'",
                 what, (int)(value.n < 60 ? value.n : 60), value.p);
    mock_admin_fail(call, 415, "unsupported_media_type", err.detail);
}

/* False when it was refused, and then the call is answered. */
static bool read_body(struct mock_admin_call *call, struct auth_json **doc)
{
    struct auth_view text = auth_view_trim(call->request->body);
    struct auth_view encoding = mock_request_header(call->request, "content-encoding");
    enum mock_admin_body body = call->route->body;
    struct auth_err err = {0};
    enum auth_rc rc = AUTH_OK;
    if (body == MOCK_ADMIN_NO_BODY && has_body(call->request))
        rc = auth_err_set(&err, AUTH_E_ARG, "this call takes no body");
    if (body != MOCK_ADMIN_NO_BODY && encoding.n && !auth_view_equals_nocase(encoding, "identity")) {
        refuse_media_type(call, "Content-Encoding", encoding);
        return false;
    }
    if (body == MOCK_ADMIN_JSON && text.n == 0)
        rc = auth_err_set(&err, AUTH_E_SYNTAX, "a JSON object is needed as the body");
    else if (body != MOCK_ADMIN_NO_BODY && body != MOCK_ADMIN_TEXT && text.n)
        rc = auth_json_parse(text, doc, &err);
    call->body = rc == AUTH_OK ? auth_json_root(*doc) : NULL;
    if (rc == AUTH_E_SYNTAX && text.n && other_media_type(call->request).n)
        refuse_media_type(call, "Content-Type", other_media_type(call->request));
    else if (rc != AUTH_OK)
        mock_admin_fail_rc(call, rc, &err);
    return rc == AUTH_OK;
}

static void run_route(struct mock_admin_call *call)
{
    struct auth_json *doc = NULL;
    struct auth_err err = {0};
    call->response->status = call->route->status;
    enum auth_rc rc = auth_form_parse(call->request->query, &call->query, &err);
    if (rc == AUTH_OK)
        rc = check_query(call, &err);
    if (rc == AUTH_OK)
        rc = auth_form_unescape(&call->id_bytes, call->id, &err);
    call->id = auth_buf_view(&call->id_bytes);
    if (rc != AUTH_OK)
        mock_admin_fail_rc(call, rc, &err);
    else if (read_body(call, &doc))
        call->route->handle(call);
    auth_json_free(doc);
    auth_form_clear(&call->query);
}

/* ---- what is no call ---- */

static void refuse_method(struct mock_admin_call *call)
{
    struct auth_buf methods;
    struct auth_err err = {0};
    auth_buf_init(&methods, 64);
    mock_admin_routes_methods(call->path, &methods);
    auth_err_set(&err, AUTH_E_ARG, "%.*s takes %s, not %.*s", (int)(call->path.n < 100 ? call->path.n : 100),
                 call->path.p, methods.n ? methods.p : "", (int)call->request->method.n, call->request->method.p);
    mock_response_header_copy(call->response, "Allow", auth_buf_view(&methods));
    mock_admin_fail(call, 405, "method_not_allowed", err.detail);
    auth_buf_clear(&methods);
}

static void refuse_path(struct mock_admin_call *call)
{
    struct auth_err err = {0};
    const char *likely = mock_admin_routes_likely(call->path);
    auth_err_set(&err, AUTH_E_NOT_FOUND, "no such admin call%s%s%s", likely ? "; did you mean " : "",
                 likely ? likely : "", likely ? "? GET /mock lists them" : "; GET /mock lists them");
    mock_admin_fail(call, 404, "not_found", err.detail);
}

/* What was half written gives way to the reason. */
static void refuse_too_big(struct mock_admin_call *call)
{
    char message[160];
    size_t max = call->response->text.cap;
    mock_response_reset(call->response);
    auth_json_writer_init(&call->w, &call->response->text, AUTH_JSON_COMPACT);
    (void)snprintf(message, sizeof message,
                   "the answer would be larger than %zu bytes, the most that this server writes; ask for less", max);
    mock_admin_fail(call, 500, "answer_too_big", message);
}

/* A JWK Set that is fetched is no call of who steers the mock. */
static bool is_set(const struct mock_admin_call *call)
{
    return call->wait->route == MOCK_ROUTE_JWKS;
}

/* What somebody changed belongs to the story of a run. */
static void journal(struct mock_admin_call *call)
{
    const struct mock_request *request = call->request;
    bool is_read = auth_view_equals(request->method, "GET") || auth_view_equals(request->method, "HEAD");
    if (!is_set(call) && (is_read || call->is_quiet || call->route->is_quiet || call->response->status >= 400))
        return;
    struct mock_journal *journal = &call->instance->journal;
    enum mock_journal_kind kind = is_set(call) ? MOCK_JOURNAL_JWKS : MOCK_JOURNAL_ADMIN;
    struct mock_journal_event event = mock_journal_event_of(kind, request, call->wait, call->response->status);
    event.note = auth_view_from_string(call->note);
    event.client_id = is_set(call) ? call->id : auth_view_from_string(call->change.client_id);
    event.change = call->change.kind;
    event.by_s = call->change.by_s;
    event.token = call->change.token;
    (void)mock_journal_append(journal, &event);
}

static void answer(struct mock_admin_call *call)
{
    const char *admin_token = call->instance->options.admin_token;
    bool path_is_known;
    const char *refusal = call->wait->step
                              ? NULL /* a scenario's own */
                              : mock_guard_refusal(admin_token, call->instance->public_url, call->request, call->path);
    call->route = mock_admin_route_find(call->request->method, call->path, &call->id, &path_is_known);
    auth_buf_init(&call->id_bytes, call->id.n + 1);
    if (refusal)
        mock_admin_fail(call, admin_token ? 401 : 403, "forbidden", refusal);
    else if (call->route)
        run_route(call);
    else if (path_is_known)
        refuse_method(call);
    else
        refuse_path(call);
}

enum auth_rc mock_admin_handle(struct mock_instance *instance, const struct mock_request *request,
                               struct auth_view path, struct mock_wait *wait, struct mock_response *response)
{
    struct mock_admin_call call = {
        .instance = instance,
        .request = request,
        .path = auth_view_equals(path, "/mock/") ? auth_view_from_string("/mock") : path,
        .now_us = wait->received_us,
        .now_s = wait->received_us / 1000000,
        .wait = wait,
        .response = response,
    };
    auth_json_writer_init(&call.w, &response->text, AUTH_JSON_COMPACT);
    answer(&call);
    if (call.must_wait) {
        mock_response_reset(response); /* something may be written, and is not the answer */
        auth_buf_clear(&call.id_bytes);
        return AUTH_E_WAIT;
    }
    if (call.route)
        journal(&call);
    auth_buf_clear(&call.id_bytes);
    if (mock_response_is_too_big(response))
        refuse_too_big(&call);
    if (response->text.n) {
        auth_buf_add_char(&response->text, '\n');
        mock_response_header(response, "Content-Type", call.content_type ? call.content_type : "application/json");
    }
    if (!is_set(&call))
        mock_response_header(response, "Cache-Control", "no-store");
    mock_response_seal_text(response);
    return AUTH_OK;
}
