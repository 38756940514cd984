/* One FHIR request: which type, read or search, in which content type. */
#include "mock_epic/fhir/fhir.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/form.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/fhir/embedded.h"
#include "mock_epic/fhir/load.h"
#include "mock_epic/fhir/load_text.h"
#include "mock_epic/fhir/outcome.h"
#include "mock_epic/fhir/search.h"
#include "mock_epic/http/accept.h"

struct mock_fhir {
    atomic_uint references;
    struct mock_fhir_store store;
};

enum auth_rc mock_fhir_new(struct mock_fhir **out)
{
    struct mock_fhir *fhir = calloc(1, sizeof *fhir);
    if (!fhir)
        return AUTH_E_NOMEM;
    atomic_init(&fhir->references, 1);
    *out = fhir;
    return AUTH_OK;
}

struct mock_fhir *mock_fhir_hold(struct mock_fhir *fhir)
{
    atomic_fetch_add(&fhir->references, 1);
    return fhir;
}

void mock_fhir_release(struct mock_fhir *fhir)
{
    if (!fhir || atomic_fetch_sub(&fhir->references, 1) > 1)
        return;
    mock_fhir_store_clear(&fhir->store);
    free(fhir);
}

/* ---- loading ---- */

enum auth_rc mock_fhir_load(struct mock_fhir *fhir, const char *path, struct mock_fhir_report *report,
                            struct auth_err *err)
{
    return mock_fhir_load_path(&fhir->store, path, report, err);
}

enum auth_rc mock_fhir_load_core(struct mock_fhir *fhir, struct mock_fhir_report *report, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; i < mock_core_pack_count && rc == AUTH_OK; i++) {
        const struct mock_embedded_file *file = &mock_core_pack[i];
        report->bytes += file->n;
        rc = mock_fhir_load_text(&fhir->store, file->name, auth_view_bytes(file->data, file->n), err);
    }
    mock_fhir_trust(&fhir->store);
    return rc;
}

enum auth_rc mock_fhir_seal(struct mock_fhir *fhir, struct mock_fhir_report *report, struct auth_err *err)
{
    enum auth_rc rc = mock_fhir_store_seal(&fhir->store, &report->replaced, err);
    report->resources = fhir->store.count - report->replaced;
    if (rc == AUTH_OK)
        mock_fhir_check_references(&fhir->store, report);
    return rc;
}

/* ---- content negotiation ---- */

enum content { JSON, XML };

static const struct {
    const char *asked, *answered;
    enum content content;
} types[] = {
    {"application/fhir+json", "application/fhir+json; charset=utf-8", JSON},
    {"application/fhir json", "application/fhir+json; charset=utf-8", JSON}, /* an unescaped '+' in a query */
    {"application/json+fhir", "application/json+fhir; charset=utf-8", JSON},
    {"application/json", "application/json; charset=utf-8", JSON},
    {"text/json", "application/json; charset=utf-8", JSON},
    {"json", "application/fhir+json; charset=utf-8", JSON},
    {"application/fhir+xml", NULL, XML},
    {"application/fhir xml", NULL, XML},
    {"application/xml+fhir", NULL, XML},
    {"application/xml", NULL, XML},
    {"text/xml", NULL, XML},
    {"xml", NULL, XML},
};

/* The type of most weight is answered, of two alike the one that was asked for first, and echoed (O). Epic answers XML to
 * an absent or unknown Accept; the mock speaks JSON only, and says so to who wants XML and no JSON. NULL: that one. */
static const char *negotiate(const struct mock_request *request, struct auth_view format)
{
    struct mock_accept accept = {.count = 0};
    const char *answered = NULL;
    int best = -1, best_xml = -1;
    size_t first = 0, position = 0;
    mock_accept_add(&accept, format);
    if (accept.count == 0)
        mock_accept_of(request, &accept);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        int weight = mock_accept_weight(&accept, types[i].asked, &position);
        if (types[i].content == XML) {
            best_xml = weight > best_xml ? weight : best_xml;
        } else if (weight > best || (weight == best && weight > 0 && position < first)) {
            best = weight;
            first = position;
            answered = types[i].answered;
        }
    }
    if (best > 0)
        return answered;
    return best == 0 || best_xml > 0 ? NULL : "application/fhir+json; charset=utf-8";
}

static void answer_no_xml(struct mock_response *response)
{
    struct mock_issues issues = {0};
    mock_issues_add(&issues, MOCK_OUTCOME_FORMAT, NULL, NULL,
                    "This mock answers JSON only; send Accept: application/fhir+json");
    mock_issues_answer(&issues, 406, "application/fhir+json; charset=utf-8", response);
}

/* ---- requests ---- */

/* The API is not among those granted: no body at all (E, O). */
static void answer_forbidden(struct mock_response *response)
{
    mock_response_reset(response);
    response->status = 403;
    mock_headers_fhir(response);
    mock_response_header(response, "WWW-Authenticate",
                         "Bearer error=\"insufficient_scope\", error_description=\"The access token provided is "
                         "valid, but is not authorized for this service\"");
}

static void answer_not_found(const char *content_type, struct mock_response *response)
{
    struct mock_issues issues = {0};
    mock_issues_add(&issues, MOCK_OUTCOME_59008, "/f:id", "id", "Invalid FHIR ID provided");
    mock_issues_answer(&issues, 404, content_type, response);
}

static void read_resource(const struct mock_fhir *fhir, const struct mock_fhir_call *call,
                          const struct mock_fhir_type *type, struct auth_view id, const char *content_type,
                          struct mock_response *response)
{
    struct auth_view name = auth_view_from_string(type->name);
    if (!mock_scopes_allow(call->scopes, name, MOCK_READ)) {
        answer_forbidden(response);
        return;
    }
    const struct mock_resource *resource = mock_fhir_store_find(&fhir->store, name, id);
    if (!resource) {
        answer_not_found(content_type, response);
        return;
    }
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", content_type);
    if (auth_view_equals(name, "Patient"))
        mock_response_header_number(response, "E-Tag", resource->tag);
    mock_response_add_borrowed(response, mock_resource_bytes(resource));
}

static void search_type(const struct mock_fhir *fhir, const struct mock_fhir_call *call,
                        const struct mock_fhir_type *type, const struct auth_form *params, const char *content_type,
                        struct mock_response *response)
{
    if (!(type->can & MOCK_CAN_SEARCH))
        mock_headers_html_404(response);
    else if (!mock_scopes_allow(call->scopes, auth_view_from_string(type->name), MOCK_SEARCH))
        answer_forbidden(response);
    else
        mock_fhir_search(&fhir->store, call, type, params, content_type, response);
}

static void answer_bad_params(const struct auth_err *err, struct mock_response *response)
{
    struct mock_issues issues = {0};
    mock_issues_add(&issues, MOCK_OUTCOME_59102, NULL, NULL, "The parameters cannot be decoded: %.120s", err->detail);
    mock_issues_answer(&issues, 400, "application/fhir+json; charset=utf-8", response);
}

static void answer_too_big(const char *content_type, struct mock_response *response)
{
    struct mock_issues issues = {0};
    mock_issues_add(
        &issues, MOCK_OUTCOME_TOO_COSTLY, "/f:_count", "_count",
        "The page would be larger than %zu bytes, the most that this server writes; ask for fewer with _count",
        response->text.cap);
    mock_issues_answer(&issues, 400, content_type, response);
}

/* What the path and method ask for. */
enum ask { ASK_READ, ASK_SEARCH, ASK_NOTHING };

static enum ask ask_of(const struct mock_fhir_call *call, struct auth_view rest, size_t slashes)
{
    struct auth_view method = call->request->method;
    bool is_get = auth_view_equals(method, "GET") || auth_view_equals(method, "HEAD");
    if (slashes > 1)
        return ASK_NOTHING;
    if (is_get)
        return rest.n ? ASK_READ : ASK_SEARCH;
    return auth_view_equals(method, "POST") && auth_view_equals(rest, "_search") ? ASK_SEARCH : ASK_NOTHING;
}

static bool is_plain_segment(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
              c == '_'))
            return false;
    }
    return !auth_view_equals(text, ".") && !auth_view_equals(text, "..");
}

/* "/Type" or "/Type/rest": ids need no escapes, so an escaped path names nothing here, traversal included. */
void mock_fhir_handle(const struct mock_fhir *fhir, const struct mock_fhir_call *call, struct mock_response *response)
{
    struct auth_form params;
    struct auth_err err = {0};
    struct auth_view rest = call->path;
    (void)auth_view_split(&rest, '/');
    struct auth_view name = auth_view_split(&rest, '/');
    size_t index = mock_fhir_type_find(name);
    size_t slashes = rest.n && auth_view_find(rest, '/') < rest.n ? 2 : 1;
    enum ask ask = ask_of(call, rest, slashes);
    if (index == mock_fhir_type_count || ask == ASK_NOTHING || !is_plain_segment(rest)) {
        mock_headers_html_404(response);
        return;
    }
    bool is_post = auth_view_equals(call->request->method, "POST");
    enum auth_rc rc = auth_form_parse(is_post ? call->request->body : call->request->query, &params, &err);
    const char *content_type = rc == AUTH_OK ? negotiate(call->request, auth_form_value(&params, "_format")) : NULL;
    if (rc == AUTH_E_NOMEM)
        response->is_spoiled = true;
    else if (rc != AUTH_OK)
        answer_bad_params(&err, response);
    else if (!content_type)
        answer_no_xml(response);
    else if (ask == ASK_READ)
        read_resource(fhir, call, &mock_fhir_types[index], rest, content_type, response);
    else
        search_type(fhir, call, &mock_fhir_types[index], &params, content_type, response);
    if (mock_response_is_too_big(response))
        answer_too_big(content_type, response);
    auth_form_clear(&params);
}
