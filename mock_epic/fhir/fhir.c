/* One FHIR request: which type, read or search, in which content type. */
#include "mock_epic/fhir/fhir.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/form.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/fhir/binary.h"
#include "mock_epic/fhir/conditional.h"
#include "mock_epic/fhir/load.h"
#include "mock_epic/fhir/load_text.h"
#include "mock_epic/fhir/negotiate.h"
#include "mock_epic/fhir/outcome.h"
#include "mock_epic/fhir/sealed.h"
#include "mock_epic/fhir/search.h"
#include "mock_epic/fhir/subtypes.h"

/* What the program brings along. */
static const struct {
    const char *name;
    const struct mock_sealed_pack *sealed;
} packs[] = {{"@core", &mock_core_pack}, {"@edge", &mock_edge_pack}};
enum { PACK_COUNT = sizeof packs / sizeof *packs };

struct mock_fhir {
    atomic_uint references;
    struct mock_fhir_store store;
    struct mock_fhir_report report; /* of its loading */
    bool has_pack[PACK_COUNT];
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
    mock_report_clear(&fhir->report);
    free(fhir);
}

/* ---- loading ---- */

static enum auth_rc add_sealed(struct mock_fhir_store *store, const struct mock_sealed_pack *pack,
                               const struct mock_sealed_resource *item)
{
    const struct mock_resource resource = {
        .bytes = pack->text + item->at,
        .n = item->n,
        .id = pack->text + item->id_at,
        .id_n = item->id_n,
        .codes = item->codes,
        .tag = item->tag,
    };
    return mock_fhir_store_add(store, &resource, auth_view_bytes(pack->text + item->type_at, item->type_n),
                               auth_view_bytes(pack->text + item->patient_at, item->patient_n));
}

/* Once, however often it is asked for. */
static enum auth_rc load_pack(struct mock_fhir *fhir, size_t index, struct auth_err *err)
{
    const struct mock_sealed_pack *pack = packs[index].sealed;
    enum auth_rc rc = AUTH_OK;
    bool is_first = fhir->store.count == fhir->store.trusted_count;
    if (fhir->has_pack[index])
        return AUTH_OK;
    for (size_t i = 0; rc == AUTH_OK && i < pack->count; i++)
        rc = add_sealed(&fhir->store, pack, &pack->items[i]);
    if (rc == AUTH_OK && pack->access[0] == '[')
        rc = mock_access_add(&fhir->store.access, auth_view_from_string(pack->access), err);
    fhir->has_pack[index] = true;
    fhir->report.bytes += pack->text_n;
    if (is_first)
        mock_fhir_trust(&fhir->store);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "out of memory");
}

enum auth_rc mock_fhir_load(struct mock_fhir *fhir, const char *path, struct auth_err *err)
{
    for (size_t i = 0; i < PACK_COUNT; i++) {
        if (strcmp(path, packs[i].name) == 0)
            return load_pack(fhir, i, err);
    }
    if (path[0] == '@')
        return auth_err_set(err, AUTH_E_NOT_FOUND,
                            "%s: there are the packs @core and @edge; a file of that name is ./%s", path, path);
    return mock_fhir_load_path(&fhir->store, path, &fhir->report, err);
}

enum auth_rc mock_fhir_seal(struct mock_fhir *fhir, struct auth_err *err)
{
    enum auth_rc rc = mock_conditional_resolve(&fhir->store, &fhir->report, err);
    if (rc == AUTH_OK)
        rc = mock_fhir_store_seal(&fhir->store, &fhir->report.replaced, err);
    fhir->report.resources = fhir->store.count - fhir->report.replaced;
    if (rc == AUTH_OK)
        mock_fhir_check_references(&fhir->store, &fhir->report);
    return rc;
}

const struct mock_fhir_report *mock_fhir_report(const struct mock_fhir *fhir)
{
    return &fhir->report;
}

void mock_fhir_write_report(const struct mock_fhir *fhir, struct auth_json_writer *w)
{
    const struct mock_fhir_store *store = &fhir->store;
    auth_json_write_object(w);
    auth_json_write_member_int(w, "resources", (int64_t)store->shown_count);
    auth_json_write_key(w, "types");
    auth_json_write_object(w);
    for (size_t i = 0; i < store->type_count; i++) {
        uint32_t count = store->type_first[i + 1] - store->type_first[i];
        char *name = count ? auth_view_dup(store->types[i]) : NULL;
        if (name)
            auth_json_write_member_int(w, name, count);
        free(name);
    }
    auth_json_write_end_object(w);
    mock_report_write(&fhir->report, w);
    auth_json_write_end_object(w);
}

size_t mock_fhir_list(const struct mock_fhir *fhir, const char *type, struct auth_view *resources, size_t max)
{
    size_t index = mock_fhir_type_find(auth_view_from_string(type));
    struct mock_range range = mock_fhir_store_of_type(&fhir->store, index);
    for (size_t i = 0; i < range.count && i < max; i++)
        resources[i] = mock_resource_bytes(&fhir->store.items[range.items[i]]);
    return range.count;
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

/* One of a sub-type that the client was not granted (O). */
static void answer_subtype(const struct mock_fhir_type *type, const char *subtype, const char *content_type,
                           struct mock_response *response)
{
    struct mock_issues issues = {0};
    mock_issues_add(&issues, MOCK_OUTCOME_59203, NULL, NULL, "Client not authorized for %s - %s", type->name, subtype);
    mock_issues_answer(&issues, 403, content_type, response);
}

/* What stands beside the data about a resource. False: nothing that keeps it from being read. */
static bool answer_access(const struct mock_fhir_call *call, const struct mock_fhir_type *type,
                          const struct mock_access_row *row, const char *content_type, struct mock_response *response)
{
    struct mock_issues issues = {0};
    const int64_t *values = call->profile->values;
    enum mock_outcome what = !row || row->has_answer ? (row ? row->answer : MOCK_OUTCOMES) : MOCK_OUTCOME_59203;
    if (!row || (!row->has_answer && !row->subtype.n))
        return false;
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

static void read_resource(const struct mock_fhir *fhir, const struct mock_fhir_call *call,
                          const struct mock_fhir_type *type, struct auth_view id, const struct mock_format *format,
                          struct mock_response *response)
{
    struct auth_view name = auth_view_from_string(type->name);
    if (!mock_scopes_allow(call->scopes, name, MOCK_READ)) {
        answer_forbidden(response);
        return;
    }
    const struct mock_access_row *row = mock_access_find(&fhir->store.access, name, id);
    if (answer_access(call, type, row, format->content_type, response))
        return;
    const struct mock_resource *resource = mock_fhir_store_find(&fhir->store, name, id);
    if (!resource) {
        answer_not_found(format->content_type, response);
        return;
    }
    struct auth_view bytes = mock_resource_bytes(resource);
    const char *subtype = mock_subtypes_missing(type, bytes, call->scopes);
    if (subtype) {
        answer_subtype(type, subtype, format->content_type, response);
        return;
    }
    if (auth_view_equals(name, "Binary") && mock_binary_answer(call->request, format->is_asked, bytes, response))
        return;
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", format->content_type);
    if (auth_view_equals(name, "Patient"))
        mock_response_header_number(response, "E-Tag", resource->tag);
    mock_response_add_borrowed(response, bytes);
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

static void answer_bad_params(const struct auth_err *err, const char *content_type, struct mock_response *response)
{
    struct mock_issues issues = {0};
    mock_issues_add(&issues, MOCK_OUTCOME_59102, NULL, NULL, "The parameters cannot be decoded: %.120s", err->detail);
    mock_issues_answer(&issues, 400, content_type, response);
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
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
              c == '_' || (c == '$' && i == 0)))
            return false;
    }
    return !auth_view_equals(text, ".") && !auth_view_equals(text, "..");
}

/* A path that names a type, and an id or nothing. */
static void handle_type(const struct mock_fhir *fhir, const struct mock_fhir_call *call,
                        const struct mock_fhir_type *type, struct auth_view id, struct mock_response *response)
{
    struct auth_form params;
    struct auth_err err = {0};
    bool is_post = auth_view_equals(call->request->method, "POST");
    bool in_query = call->profile->values[AUTH_SWITCH_POST_PARAMETERS] != 0;
    enum auth_rc rc = auth_form_parse(is_post && !in_query ? call->request->body : call->request->query, &params, &err);
    struct mock_format format = mock_negotiate(call->request, &params, call->profile);
    if (rc == AUTH_E_NOMEM || format.is_out_of_memory)
        response->is_spoiled = true;
    else if (rc != AUTH_OK)
        answer_bad_params(&err, format.content_type, response);
    else if (ask_of(call, id) == ASK_READ)
        read_resource(fhir, call, type, id, &format, response);
    else
        search_type(fhir, call, type, &params, format.content_type, response);
    mock_format_finish(&format, response);
    if (mock_response_is_too_big(response)) {
        answer_too_big(format.content_type, response);
        mock_format_finish(&format, response);
    }
    auth_form_clear(&params);
}

/* "/Type" or "/Type/rest". */
void mock_fhir_handle(const struct mock_fhir *fhir, const struct mock_fhir_call *call, struct mock_response *response)
{
    struct auth_view rest = call->path;
    (void)auth_view_split(&rest, '/');
    size_t index = mock_fhir_type_find(auth_view_split(&rest, '/'));
    if (index == mock_fhir_type_count || ask_of(call, rest) == ASK_NOTHING || !is_plain_segment(rest))
        mock_headers_html_404(response);
    else
        handle_type(fhir, call, &mock_fhir_types[index], rest, response);
}
