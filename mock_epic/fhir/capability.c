/* GET metadata: a CapabilityStatement of Epic's shape, made from fhir_types.h. */
#include "auth/core/text.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/epic/types.h"
#include "mock_epic/fhir/fhir.h"

static void write_oauth_uri(struct auth_jsonw *w, const char *name, struct auth_view url)
{
    auth_jsonw_object(w);
    auth_jsonw_member_text(w, "url", name);
    auth_jsonw_member(w, "valueUri", url);
    auth_jsonw_end_object(w);
}

static void write_security(struct auth_jsonw *w, struct auth_view token_url, struct auth_view authorize_url)
{
    auth_jsonw_key(w, "security");
    auth_jsonw_object(w);
    auth_jsonw_key(w, "extension");
    auth_jsonw_array(w);
    auth_jsonw_object(w);
    auth_jsonw_key(w, "extension");
    auth_jsonw_array(w);
    write_oauth_uri(w, "authorize", authorize_url);
    write_oauth_uri(w, "token", token_url);
    auth_jsonw_end_array(w);
    auth_jsonw_member_text(w, "url", "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris");
    auth_jsonw_end_object(w);
    auth_jsonw_end_array(w);
    auth_jsonw_member_bool(w, "cors", true);
    auth_jsonw_end_object(w);
}

static void write_param(struct auth_jsonw *w, struct auth_view name, const char *type)
{
    auth_jsonw_object(w);
    auth_jsonw_member(w, "name", name);
    auth_jsonw_member_text(w, "type", type);
    auth_jsonw_end_object(w);
}

/* Only what the mock evaluates is announced: the truth about this server. */
static void write_params(struct auth_jsonw *w, const struct mock_fhir_type *type)
{
    static const struct {
        const char *name, *type;
    } evaluated[] = {{"category", "token"}, {"code", "token"}, {"patient", "reference"}, {"subject", "reference"}};
    auth_jsonw_key(w, "searchParam");
    auth_jsonw_array(w);
    for (size_t i = 0; i < sizeof evaluated / sizeof *evaluated; i++) {
        if (mock_fhir_type_has(type, auth_view_of(evaluated[i].name)))
            write_param(w, auth_view_of(evaluated[i].name), evaluated[i].type);
    }
    write_param(w, auth_view_of("_count"), "number");
    write_param(w, auth_view_of("_id"), "token");
    auth_jsonw_end_array(w);
}

static void write_type(struct auth_jsonw *w, const struct mock_fhir_type *type)
{
    static const char *const interactions[] = {"read", "search-type"};
    bool is_searchable = type->minimum != MOCK_MINIMUM_NO_SEARCH;
    auth_jsonw_object(w);
    auth_jsonw_member_text(w, "type", type->name);
    auth_jsonw_key(w, "interaction");
    auth_jsonw_array(w);
    for (int i = 0; i < (is_searchable ? 2 : 1); i++) {
        auth_jsonw_object(w);
        auth_jsonw_member_text(w, "code", interactions[i]);
        auth_jsonw_end_object(w);
    }
    auth_jsonw_end_array(w);
    auth_jsonw_member_bool(w, "readHistory", false);
    auth_jsonw_member_bool(w, "updateCreate", false);
    if (is_searchable)
        write_params(w, type);
    auth_jsonw_end_object(w);
}

void mock_fhir_metadata(const struct mock_fhir_call *call, struct auth_view token_url, struct auth_view authorize_url,
                        struct mock_response *response)
{
    struct auth_jsonw w;
    struct auth_buf date;
    auth_buf_init(&date, 64);
    auth_text_time(&date, call->now_s);
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", "application/fhir+json; charset=utf-8");
    auth_jsonw_init(&w, &response->text, AUTH_JSON_COMPACT);
    auth_jsonw_object(&w);
    auth_jsonw_member_text(&w, "resourceType", "CapabilityStatement");
    auth_jsonw_member_text(&w, "status", "active");
    auth_jsonw_member_buf(&w, "date", &date);
    auth_jsonw_member_text(&w, "publisher", "mock-epic (not affiliated with Epic)");
    auth_jsonw_member_text(&w, "kind", "instance");
    auth_jsonw_key(&w, "software");
    auth_jsonw_object(&w);
    auth_jsonw_member_text(&w, "name", "Epic"); /* clients tell the vendor by it */
    auth_jsonw_member_text(&w, "version", "mock-epic");
    auth_jsonw_end_object(&w);
    auth_jsonw_key(&w, "implementation");
    auth_jsonw_object(&w);
    auth_jsonw_member_text(&w, "description", "an offline mock for tests; not affiliated with Epic");
    auth_jsonw_member(&w, "url", call->base_url);
    auth_jsonw_end_object(&w);
    auth_jsonw_member_text(&w, "fhirVersion", "4.0.1");
    auth_jsonw_member_raw(&w, "format", auth_view_of("[\"json\"]"));
    auth_jsonw_key(&w, "rest");
    auth_jsonw_array(&w);
    auth_jsonw_object(&w);
    auth_jsonw_member_text(&w, "mode", "server");
    write_security(&w, token_url, authorize_url);
    auth_jsonw_key(&w, "resource");
    auth_jsonw_array(&w);
    for (size_t i = 0; i < mock_fhir_type_count; i++)
        write_type(&w, &mock_fhir_types[i]);
    auth_jsonw_end_array(&w);
    auth_jsonw_end_object(&w);
    auth_jsonw_end_array(&w);
    auth_jsonw_end_object(&w);
    mock_response_seal_text(response);
    auth_buf_clear(&date);
}
