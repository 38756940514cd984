/* GET metadata: a CapabilityStatement of Epic's shape, made from fhir_types.h. */
#include "auth/core/time.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/epic/types.h"
#include "mock_epic/fhir/fhir.h"
#include "mock_epic/fhir/negotiate.h"

static void write_oauth_uri(struct auth_json_writer *w, const char *name, struct auth_view url)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "url", name);
    auth_json_write_member(w, "valueUri", url);
    auth_json_write_end_object(w);
}

static void write_security(struct auth_json_writer *w, struct auth_view token_url, struct auth_view authorize_url)
{
    auth_json_write_key(w, "security");
    auth_json_write_object(w);
    auth_json_write_key(w, "extension");
    auth_json_write_array(w);
    auth_json_write_object(w);
    auth_json_write_key(w, "extension");
    auth_json_write_array(w);
    write_oauth_uri(w, "authorize", authorize_url);
    write_oauth_uri(w, "token", token_url);
    auth_json_write_end_array(w);
    auth_json_write_member_text(w, "url", "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris");
    auth_json_write_end_object(w);
    auth_json_write_end_array(w);
    auth_json_write_member_bool(w, "cors", true);
    auth_json_write_end_object(w);
}

static void write_param(struct auth_json_writer *w, struct auth_view name, const char *type)
{
    auth_json_write_object(w);
    auth_json_write_member(w, "name", name);
    auth_json_write_member_text(w, "type", type);
    auth_json_write_end_object(w);
}

static void write_some_params(struct auth_json_writer *w, const struct mock_fhir_type *type, bool is_native)
{
    static const char *const kinds[] = {"token", "reference", "date", "string"};
    for (size_t i = 0; i < type->param_count; i++) {
        if (type->params[i].is_native == is_native)
            write_param(w, auth_view_from_string(type->params[i].name), kinds[type->params[i].kind]);
    }
}

/* What Epic looks up comes before _count and _id, what it filters by after them (O). */
static void write_params(struct auth_json_writer *w, const struct mock_fhir_type *type)
{
    auth_json_write_key(w, "searchParam");
    auth_json_write_array(w);
    write_some_params(w, type, true);
    write_param(w, auth_view_from_string("_count"), "number");
    write_param(w, auth_view_from_string("_id"), "token");
    write_some_params(w, type, false);
    auth_json_write_end_array(w);
}

static void write_type(struct auth_json_writer *w, const struct mock_fhir_type *type)
{
    static const char *const interactions[] = {"read", "search-type"};
    bool is_searchable = type->can & MOCK_CAN_SEARCH;
    auth_json_write_object(w);
    auth_json_write_member_text(w, "type", type->name);
    auth_json_write_key(w, "interaction");
    auth_json_write_array(w);
    for (int i = 0; i < (is_searchable ? 2 : 1); i++) {
        auth_json_write_object(w);
        auth_json_write_member_text(w, "code", interactions[i]);
        auth_json_write_end_object(w);
    }
    auth_json_write_end_array(w);
    auth_json_write_member_bool(w, "readHistory", false);
    auth_json_write_member_bool(w, "updateCreate", false);
    if (is_searchable)
        write_params(w, type);
    auth_json_write_end_object(w);
}

void mock_fhir_metadata(const struct mock_fhir_call *call, struct auth_view token_url, struct auth_view authorize_url,
                        struct mock_response *response)
{
    struct auth_json_writer w;
    struct auth_buf date;
    struct mock_format format = mock_negotiate(call->request, NULL, call->profile);
    auth_buf_init(&date, 64);
    auth_time_write(&date, call->now_s);
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", format.content_type);
    auth_json_writer_init(&w, &response->text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "resourceType", "CapabilityStatement");
    auth_json_write_member_text(&w, "status", "active");
    auth_json_write_member_buf(&w, "date", &date);
    auth_json_write_member_text(&w, "publisher", "mock-epic (not affiliated with Epic)");
    auth_json_write_member_text(&w, "kind", "instance");
    auth_json_write_key(&w, "software");
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "name", "Epic"); /* clients tell the vendor by it */
    auth_json_write_member_text(&w, "version", "mock-epic");
    auth_json_write_end_object(&w);
    auth_json_write_key(&w, "implementation");
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "description", "an offline mock for tests; not affiliated with Epic");
    auth_json_write_member(&w, "url", call->base_url);
    auth_json_write_end_object(&w);
    auth_json_write_member_text(&w, "fhirVersion", "4.0.1");
    auth_json_write_member_raw(&w, "format", auth_view_from_string("[\"json\"]"));
    auth_json_write_key(&w, "rest");
    auth_json_write_array(&w);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "mode", "server");
    write_security(&w, token_url, authorize_url);
    auth_json_write_key(&w, "resource");
    auth_json_write_array(&w);
    for (size_t i = 0; i < mock_fhir_type_count; i++)
        write_type(&w, &mock_fhir_types[i]);
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    mock_response_seal_text(response);
    mock_format_finish(&format, response);
    auth_buf_clear(&date);
}
