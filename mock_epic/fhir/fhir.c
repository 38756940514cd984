/* One FHIR request: which type, read or search, in which content type. */
#include "mock_epic/fhir/fhir.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/form.h"
#include "auth/core/text.h"
#include "mock_epic/data/data_private.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/epic/hints.h"
#include "mock_epic/epic/outcome.h"
#include "mock_epic/fhir/binary.h"
#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/negotiate.h"
#include "mock_epic/fhir/r4.h"
#include "mock_epic/fhir/search.h"
#include "mock_epic/fhir/subset.h"
#include "mock_epic/fhir/subtypes.h"

/* ---- requests ---- */

/* The API is not among those granted: no body at all (E, O). */
static void answer_forbidden(const struct mock_fhir_call *call, const char *content_type,
                             struct mock_response *response)
{
    mock_response_reset(response);
    if (mock_is_r4(call)) {
        mock_r4_refuse(call, 403, content_type, "the access token's scope is not for it", response);
        return;
    }
    response->status = 403;
    mock_headers_fhir(response);
    mock_response_header(response, "WWW-Authenticate",
                         "Bearer error=\"insufficient_scope\", error_description=\"The access token provided is "
                         "valid, but is not authorized for this service\"");
}

static void answer_not_found(const struct mock_fhir_call *call, const char *content_type,
                             struct mock_response *response)
{
    struct mock_issues issues = mock_issues_of(call);
    mock_issues_add(&issues, MOCK_OUTCOME_59008, "/f:id", "id", "Invalid FHIR ID provided");
    mock_issues_answer(&issues, 404, content_type, response);
}

/* One of a sub-type that the client was not granted (O). */
static void answer_subtype(const struct mock_fhir_call *call, const struct mock_fhir_type *type, const char *subtype,
                           const char *content_type, struct mock_response *response)
{
    struct mock_issues issues = mock_issues_of(call);
    mock_issues_add(&issues, MOCK_OUTCOME_59203, NULL, NULL, "Client not authorized for %s - %s", type->name, subtype);
    mock_issues_answer(&issues, 403, content_type, response);
}

/* What stands beside the data about a resource. False: nothing that keeps it from being read. */
static bool answer_access(const struct mock_fhir_call *call, const struct mock_fhir_type *type,
                          const struct mock_access_row *row, const char *content_type, struct mock_response *response)
{
    if (!row || (!row->has_answer && (!row->subtype.n || mock_subtypes_grant(call, row))))
        return false;
    struct mock_issues issues = mock_issues_of(call);
    const int64_t *values = call->profile->values;
    enum mock_outcome what = row->has_answer                ? row->answer
                             : mock_subtypes_are_users(row) ? MOCK_OUTCOME_59205_READ
                                                            : MOCK_OUTCOME_59203;
    int status = what == MOCK_OUTCOME_4103   ? (int)values[AUTH_SWITCH_DELETED_STATUS]
                 : what == MOCK_OUTCOME_4107 ? (int)values[AUTH_SWITCH_MERGED_STATUS]
                                             : 403;
    if (row->subtype.n)
        mock_issues_add(&issues, what, NULL, NULL, "%s not authorized for %s - %.*s",
                        what == MOCK_OUTCOME_59205_READ ? "User" : "Client", type->name, (int)row->subtype.n,
                        row->subtype.p);
    else
        mock_issues_add(&issues, what, NULL, NULL, "%s", "");
    mock_issues_answer(&issues, status, content_type, response);
    if (what == MOCK_OUTCOME_4107)
        mock_response_header_copy(response, "Location", row->to);
    return true;
}

/* The resource that is read, or what of it is asked for. */
static void answer_resource(const struct mock_fhir *fhir, const struct mock_fhir_call *call,
                            const struct mock_resource *resource, const struct mock_subset *subset,
                            const char *content_type, struct mock_response *response)
{
    struct auth_view bytes = mock_resource_bytes(resource);
    mock_headers_fhir(response);
    if (mock_is_r4(call) && mock_r4_is_unchanged(call->request, bytes, response))
        return;
    mock_response_header(response, "Content-Type", content_type);
    if (!mock_is_r4(call) && resource->tag)
        mock_response_header_number(response, "E-Tag", resource->tag);
    if (subset->kind == MOCK_SUBSET_WHOLE) {
        mock_resource_answer(&fhir->store, resource, response);
        return;
    }
    mock_subset_write(bytes, subset, &response->text);
    mock_response_seal_text(response);
}

/* False: what is asked for is refused. */
static bool read_subset(const struct mock_fhir_call *call, const struct auth_form *params, const char *content_type,
                        struct mock_subset *subset, struct mock_response *response)
{
    const struct auth_form_field *wrong = NULL;
    struct mock_issues issues = mock_issues_of(call);
    subset->kind = MOCK_SUBSET_WHOLE;
    const char *why = mock_is_r4(call) ? mock_subset_of(params, subset, &wrong) : NULL;
    if (!why)
        return true;
    mock_issues_add(&issues, MOCK_OUTCOME_59102, NULL, NULL, "%s: %.*s", why, (int)wrong->name.n, wrong->name.p);
    mock_issues_answer(&issues, 400, content_type, response);
    return false;
}

static void read_resource(const struct mock_fhir *fhir, const struct mock_fhir_call *call,
                          const struct mock_fhir_type *type, struct auth_view id, const struct auth_form *params,
                          const struct mock_format *format, struct mock_response *response)
{
    struct mock_subset subset;
    struct auth_view name = auth_view_from_string(type->name);
    if (!mock_scopes_allow(call->scopes, type, MOCK_READ)) {
        answer_forbidden(call, format->content_type, response);
        return;
    }
    const struct mock_access_row *row = mock_access_find(call->access, name, id);
    if (answer_access(call, type, row, format->content_type, response))
        return;
    const struct mock_resource *resource = mock_fhir_store_find(&fhir->store, name, id);
    if (!resource) {
        answer_not_found(call, format->content_type, response);
        return;
    }
    struct auth_view bytes = mock_resource_bytes(resource);
    const char *subtype = mock_subtypes_missing(type, bytes, call);
    if (subtype) {
        answer_subtype(call, type, subtype, format->content_type, response);
        return;
    }
    if (auth_view_equals(name, "Binary") && mock_binary_answer(call->request, format->is_asked, bytes, response))
        return;
    if (read_subset(call, params, format->content_type, &subset, response))
        answer_resource(fhir, call, resource, &subset, format->content_type, response);
}

/* Epic's is a page of HTML. */
static void answer_no_type(const struct mock_fhir_call *call, const char *content_type, const char *why,
                           struct mock_response *response)
{
    if (mock_is_r4(call))
        mock_r4_refuse(call, 404, content_type, why, response);
    else
        mock_headers_html_404(response);
}

static void search_type(const struct mock_fhir *fhir, const struct mock_fhir_call *call,
                        const struct mock_fhir_type *type, const struct auth_form *params, const char *content_type,
                        struct mock_response *response)
{
    if (!(type->can & MOCK_CAN_SEARCH))
        answer_no_type(call, content_type, "this type cannot be searched", response);
    else if (!mock_scopes_allow(call->scopes, type, MOCK_SEARCH))
        answer_forbidden(call, content_type, response);
    else
        mock_fhir_search(&fhir->store, call, type, params, content_type, response);
}

static void answer_bad_params(const struct mock_fhir_call *call, const struct auth_err *err, const char *content_type,
                              struct mock_response *response)
{
    struct mock_issues issues = mock_issues_of(call);
    mock_issues_add(&issues, MOCK_OUTCOME_59102, NULL, NULL, "The parameters cannot be decoded: %.120s", err->detail);
    mock_issues_answer(&issues, 400, content_type, response);
}

static void answer_too_big(const struct mock_fhir_call *call, const char *content_type, struct mock_response *response)
{
    struct mock_issues issues = mock_issues_of(call);
    mock_issues_add(
        &issues, MOCK_OUTCOME_TOO_COSTLY, "/f:_count", "_count",
        "The page would be larger than %zu bytes, the most that this server writes; ask for fewer with _count",
        response->text.cap);
    mock_issues_answer(&issues, 400, content_type, response);
}

/* What the path and method ask for. */
enum ask { ASK_READ, ASK_SEARCH, ASK_NOTHING };

static enum ask ask_of(const struct mock_fhir_call *call, struct auth_view rest)
{
    struct auth_view method = call->request->method;
    bool is_get = auth_view_equals(method, "GET") || auth_view_equals(method, "HEAD");
    if (auth_view_find(rest, '/') < rest.n)
        return ASK_NOTHING;
    if (is_get)
        return rest.n ? ASK_READ : ASK_SEARCH;
    return auth_view_equals(method, "POST") && auth_view_equals(rest, "_search") ? ASK_SEARCH : ASK_NOTHING;
}

/* Ids need no escapes, so an escaped path names nothing here, traversal included. An operation that Epic does not have is
 * read as an id (O: Patient/$export). */
static bool is_plain_segment(struct auth_view text)
{
    struct auth_view name = auth_view_from(text, text.n && text.p[0] == '$' ? 1 : 0);
    return auth_text_is_of(AUTH_TEXT_UNRESERVED, name) && auth_view_find(name, '~') == name.n &&
           !auth_view_equals(text, ".") && !auth_view_equals(text, "..");
}

/* Who names no format gets XML, which is said to him; a Binary's own type is another thing. */
static void hint_format(const struct mock_format *format, const struct mock_fhir_type *type, bool is_r4,
                        struct mock_response *response)
{
    if (!format->is_asked && response->status == 200 && !is_r4 &&
        !auth_view_equals(auth_view_from_string(type->name), "Binary"))
        response->hints |= MOCK_HINT_NO_ACCEPT;
}

/* FHIR joins those of a POST's query and body (R). */
static struct auth_view parameters_of(const struct mock_fhir_call *call, struct auth_buf *joined)
{
    const struct mock_request *request = call->request;
    bool is_post = auth_view_equals(request->method, "POST");
    bool in_query = call->profile->values[AUTH_SWITCH_POST_PARAMETERS] != 0;
    if (!is_post || !mock_is_r4(call))
        return is_post && !in_query ? request->body : request->query;
    auth_buf_add_view(joined, request->query);
    auth_buf_add_char(joined, '&');
    auth_buf_add_view(joined, request->body);
    return auth_buf_view(joined);
}

/* A path that names a type, and an id or nothing. */
static void handle_type(const struct mock_fhir *fhir, const struct mock_fhir_call *call,
                        const struct mock_fhir_type *type, struct auth_view id, struct mock_response *response)
{
    struct auth_form params;
    struct auth_buf joined;
    struct auth_err err = {0};
    auth_buf_init(&joined, SIZE_MAX / 2);
    enum auth_rc rc = auth_form_parse(parameters_of(call, &joined), &params, &err);
    rc = auth_buf_ok(&joined) ? rc : AUTH_E_NOMEM;
    bool is_binary = auth_view_equals(auth_view_from_string(type->name), "Binary");
    struct mock_format format = mock_negotiate(call->request, &params, call->profile);
    if (rc == AUTH_E_NOMEM || format.is_out_of_memory)
        response->is_spoiled = true;
    else if (mock_is_r4(call) && format.is_refused && !(is_binary && ask_of(call, id) == ASK_READ))
        mock_r4_refuse(call, 406, format.content_type, "answers are application/fhir+json or application/fhir+xml",
                       response);
    else if (rc != AUTH_OK)
        answer_bad_params(call, &err, format.content_type, response);
    else if (ask_of(call, id) == ASK_READ)
        read_resource(fhir, call, type, id, &params, &format, response);
    else
        search_type(fhir, call, type, &params, format.content_type, response);
    hint_format(&format, type, mock_is_r4(call), response);
    mock_format_finish(&format, response);
    if (mock_response_is_too_big(response)) {
        answer_too_big(call, format.content_type, response);
        mock_format_finish(&format, response);
    }
    auth_form_clear(&params);
    auth_buf_clear(&joined);
}

/* A method that Epic's CapabilityStatement does not have for the type. rest: of the path, an id or nothing */
static bool is_unannounced(const struct mock_fhir_call *call, const struct mock_fhir_type *type, struct auth_view rest)
{
    struct auth_view method = call->request->method;
    if (auth_view_equals(method, "GET") || auth_view_equals(method, "HEAD"))
        return false;
    if (auth_view_equals(method, "POST"))
        return !rest.n && !(type->can & MOCK_CAN_CREATE);
    return rest.n && !(auth_view_equals(method, "PUT") && (type->can & MOCK_CAN_UPDATE));
}

/* What somebody reads who looks for the reason of the page. Epic has more than this server: that is not the client's mistake. */
static const char *why_nothing(const struct mock_fhir_call *call, const struct mock_fhir_type *type, bool is_type,
                               struct auth_view rest)
{
    struct auth_view method = call->request->method;
    bool is_write = auth_view_equals(method, "POST") || auth_view_equals(method, "PUT");
    if (auth_view_find(call->path, '$') < call->path.n)
        return "this operation is not implemented by mock-epic yet, or Epic has none of that name";
    if (!is_type)
        return "no FHIR type of Epic's has that name; metadata lists them, and capitals count";
    if (type && is_unannounced(call, type, rest))
        return "Epic does not have that method for this type; metadata says what can be done with it";
    return is_write ? "creating and updating is not implemented by mock-epic yet"
                    : "Epic has no such path: TYPE/ID reads, TYPE?name=value and POST TYPE/_search search";
}

/* Epic's status is on record of a create; the rest is inferred. */
static void answer_unannounced(const struct mock_fhir_call *call, const struct mock_fhir_type *type,
                               const char *content_type, struct mock_response *response)
{
    struct mock_issues issues = mock_issues_of(call);
    mock_issues_add(&issues, MOCK_OUTCOME_UNANNOUNCED, NULL, NULL, "%s", "");
    mock_issues_answer(&issues, 405, content_type, response);
    mock_response_header(response, "Allow", type->can & MOCK_CAN_UPDATE ? "GET, HEAD, PUT" : "GET, HEAD");
}

/* type: its path could be read or searched, but not so; NULL: it is no such path. */
static void answer_nothing(const struct mock_fhir_call *call, const struct mock_fhir_type *type, struct auth_view rest,
                           struct mock_response *response)
{
    struct mock_format format = mock_negotiate(call->request, NULL, call->profile);
    bool is_get = auth_view_equals(call->request->method, "GET") || auth_view_equals(call->request->method, "HEAD");
    bool is_405 = type && is_unannounced(call, type, rest) && !call->profile->values[AUTH_SWITCH_UNANNOUNCED];
    if (type && !is_get && mock_is_r4(call))
        mock_r4_refuse(call, 405, format.content_type, "only reads and searches are answered here", response);
    else if (is_405)
        answer_unannounced(call, type, format.content_type, response);
    else
        answer_no_type(call, format.content_type, "there is no such type, or no such path below it", response);
    mock_format_finish(&format, response);
}

/* "/Type" or "/Type/rest". */
void mock_fhir_handle(const struct mock_fhir *fhir, const struct mock_fhir_call *asked, struct mock_response *response)
{
    struct mock_fhir_call own = *asked;
    const struct mock_fhir_call *call = &own;
    struct auth_view rest = call->path;
    if (!own.access)
        own.access = mock_fhir_access(fhir);
    (void)auth_view_split(&rest, '/');
    size_t index = mock_fhir_type_find(auth_view_split(&rest, '/'));
    bool is_type = index < mock_fhir_type_count;
    if (is_type && ask_of(call, rest) != ASK_NOTHING && is_plain_segment(rest)) {
        handle_type(fhir, call, &mock_fhir_types[index], rest, response);
    } else {
        const struct mock_fhir_type *type = is_type && is_plain_segment(rest) ? &mock_fhir_types[index] : NULL;
        answer_nothing(call, type, rest, response);
        mock_response_because(response, "%s", why_nothing(call, type, is_type, rest));
    }
}
