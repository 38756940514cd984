/* GET metadata: a CapabilityStatement of Epic's shape (O). Around the types, which are written from their table, it is text with a
 * few holes. */
#include <stdio.h>

#include "auth/core/json.h"
#include "auth/core/time.h"
#include "auth/rules/epic_version.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/epic/types.h"
#include "mock_epic/fhir/fhir.h"
#include "mock_epic/fhir/negotiate.h"
#include "mock_epic/fhir/r4.h"

/* In place of each %: time, address, token and authorize address. */
static const char head[] =
    "{\"resourceType\":\"CapabilityStatement\",\"status\":\"active\",\"experimental\":false,\"date\":\"%\","
    "\"copyright\":\"mock-epic, an offline mock for tests; not affiliated with Epic\",\"kind\":\"instance\","
    "\"instantiates\":[\"http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data\","
    "\"http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server|6.1.0\"],"
    "\"software\":{\"name\":\"Epic\",\"version\":\"May 2026\",\"releaseDate\":\"2026-05-01\"}," /* clients tell the vendor by it */
    "\"implementation\":{\"description\":\"mock-epic: not affiliated with Epic\",\"url\":\"%\"},"
    "\"fhirVersion\":\"4.0.1\",\"format\":[\"xml\",\"json\"],\"rest\":[{\"mode\":\"server\",\"security\":{\"extension\":[{"
    "\"extension\":[{\"url\":\"authorize\",\"valueUri\":\"%\"},{\"url\":\"token\",\"valueUri\":\"%\"}],"
    "\"url\":\"http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris\"}],\"cors\":true,\"service\":["
    "{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/restful-security-service\",\"code\":\"OAuth\"}]},"
    "{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/restful-security-service\","
    "\"code\":\"SMART-on-FHIR\"}]},"
    "{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/restful-security-service\",\"code\":\"Basic\"}]}]},"
    "\"resource\":[";

/* Profiles of US Core 6.1.0, of the types that have one (S). */
static const struct {
    const char *type, *profiles;
} profiles[] = {
    {"AllergyIntolerance", "allergyintolerance"},
    {"CarePlan", "careplan"},
    {"CareTeam", "careteam"},
    {"Condition", "condition-encounter-diagnosis condition-problems-health-concerns"},
    {"Coverage", "coverage"},
    {"Device", "implantable-device"},
    {"DiagnosticReport", "diagnosticreport-lab diagnosticreport-note"},
    {"DocumentReference", "documentreference"},
    {"Encounter", "encounter"},
    {"Goal", "goal"},
    {"Immunization", "immunization"},
    {"Location", "location"},
    {"Medication", "medication"},
    {"MedicationDispense", "medicationdispense"},
    {"MedicationRequest", "medicationrequest"},
    {"Observation",
     "observation-lab observation-clinical-result observation-occupation observation-screening-assessment "
     "observation-sexual-orientation simple-observation smokingstatus vital-signs"},
    {"Organization", "organization"},
    {"Patient", "patient"},
    {"Practitioner", "practitioner"},
    {"PractitionerRole", "practitionerrole"},
    {"Procedure", "procedure"},
    {"Provenance", "provenance"},
    {"QuestionnaireResponse", "questionnaireresponse"},
    {"RelatedPerson", "relatedperson"},
    {"ServiceRequest", "servicerequest"},
    {"Specimen", "specimen"},
};

static const struct {
    const char *type, *name, *definition;
} operations[] = {
    {"Patient", "match", "http://hl7.org/fhir/OperationDefinition/Patient-match"},
    {"Patient", "summary", "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"},
    {"Group", "group-export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export"},
};

static const struct {
    unsigned can;
    bool is_there; /* in the mock, too */
    const char *code;
} interactions[] = {{MOCK_CAN_READ, true, "read"},
                    {MOCK_CAN_SEARCH, true, "search-type"},
                    {MOCK_CAN_CREATE, false, "create"},
                    {MOCK_CAN_UPDATE, false, "update"}};

static bool is_named(const struct mock_fhir_type *type, const char *name)
{
    return auth_view_equals(auth_view_from_string(type->name), name);
}

static void write_profiles(struct auth_json_writer *w, const struct mock_fhir_type *type)
{
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        struct auth_view names = auth_view_from_string(profiles[i].profiles);
        if (!is_named(type, profiles[i].type))
            continue;
        auth_json_write_key(w, "supportedProfile");
        auth_json_write_array(w);
        while (names.n) {
            char url[128];
            struct auth_view name = auth_view_split(&names, ' ');
            (void)snprintf(url, sizeof url, "http://hl7.org/fhir/us/core/StructureDefinition/us-core-%.*s|6.1.0",
                           (int)name.n, name.p);
            auth_json_write_string(w, auth_view_from_string(url));
        }
        auth_json_write_end_array(w);
    }
}

static void write_interactions(struct auth_json_writer *w, const struct mock_fhir_type *type, bool is_own)
{
    auth_json_write_key(w, "interaction");
    auth_json_write_array(w);
    for (size_t i = 0; i < sizeof interactions / sizeof *interactions; i++) {
        if (!(type->can & interactions[i].can) || (is_own && !interactions[i].is_there))
            continue;
        auth_json_write_object(w);
        auth_json_write_member_text(w, "code", interactions[i].code);
        auth_json_write_end_object(w);
    }
    auth_json_write_end_array(w);
    auth_json_write_member_bool(w, "readHistory", false);
    auth_json_write_member_bool(w, "updateCreate", false);
    auth_json_write_member_bool(w, "conditionalCreate", false);
    auth_json_write_member_text(w, "conditionalRead", "not-supported");
    auth_json_write_member_bool(w, "conditionalUpdate", false);
    auth_json_write_member_text(w, "conditionalDelete", "not-supported");
}

static void write_param(struct auth_json_writer *w, const char *name, const char *type)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "name", name);
    auth_json_write_member_text(w, "type", type);
    auth_json_write_end_object(w);
}

static void write_some_params(struct auth_json_writer *w, const struct mock_fhir_type *type, int version,
                              bool is_native)
{
    static const char *const kinds[] = {"token", "reference", "date", "string"};
    for (size_t i = 0; i < type->param_count; i++) {
        if (type->params[i].is_native == is_native && type->params[i].since <= version)
            write_param(w, type->params[i].name, kinds[type->params[i].kind]);
    }
}

/* What Epic looks up comes before _count and _id, what it filters by after them (O). */
static void write_search(struct auth_json_writer *w, const struct mock_fhir_type *type, int version)
{
    auth_json_write_member_raw(w, "searchInclude", auth_view_from_string("[\"*\"]"));
    auth_json_write_member_raw(w, "searchRevInclude", auth_view_from_string("[\"Provenance:target\"]"));
    auth_json_write_key(w, "searchParam");
    auth_json_write_array(w);
    write_some_params(w, type, version, true);
    write_param(w, "_count", "number");
    write_param(w, "_id", "token");
    write_some_params(w, type, version, false);
    auth_json_write_end_array(w);
}

static void write_operations(struct auth_json_writer *w, const struct mock_fhir_type *type)
{
    bool has_any = false;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (!is_named(type, operations[i].type))
            continue;
        if (!has_any) {
            auth_json_write_key(w, "operation");
            auth_json_write_array(w);
        }
        has_any = true;
        auth_json_write_object(w);
        auth_json_write_member_text(w, "name", operations[i].name);
        auth_json_write_member_text(w, "definition", operations[i].definition);
        auth_json_write_end_object(w);
    }
    if (has_any)
        auth_json_write_end_array(w);
}

static void write_type(struct auth_buf *text, const struct mock_fhir_type *type, int version, bool is_own)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "type", type->name);
    write_profiles(&w, type);
    write_interactions(&w, type, is_own);
    if (type->can & MOCK_CAN_SEARCH)
        write_search(&w, type, version);
    if (!is_own)
        write_operations(&w, type);
    auth_json_write_end_object(&w);
}

static void write_head(struct auth_buf *text, const struct auth_view *holes)
{
    struct auth_view rest = auth_view_from_string(head);
    while (rest.n) {
        struct auth_buf filled;
        size_t at = auth_view_find(rest, '%');
        auth_buf_add(text, rest.p, at);
        if (at == rest.n)
            return;
        auth_buf_init(&filled, 8192);
        struct auth_json_writer w;
        auth_json_writer_init(&w, &filled, AUTH_JSON_COMPACT);
        auth_json_write_string(&w, *holes++);
        struct auth_view string = auth_buf_view(&filled); /* the quotation marks stand around the hole */
        auth_buf_add(text, string.n > 2 ? string.p + 1 : "", string.n > 2 ? string.n - 2 : 0);
        text->is_spoiled = text->is_spoiled || !auth_buf_ok(&filled);
        auth_buf_clear(&filled);
        rest = auth_view_from(rest, at + 1);
    }
}

void mock_fhir_metadata(const struct mock_fhir_call *call, struct auth_view token_url, struct auth_view authorize_url,
                        struct mock_response *response)
{
    struct auth_buf date;
    struct mock_format format = mock_negotiate(call->request, NULL, call->profile);
    bool is_own = call->profile->values[AUTH_SWITCH_METADATA] != 0 || mock_is_r4(call);
    auth_buf_init(&date, 64);
    auth_time_write(&date, call->now_s);
    const struct auth_view holes[] = {auth_buf_view(&date), call->base_url, authorize_url, token_url};
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", format.content_type);
    write_head(&response->text, holes);
    for (size_t i = 0; i < mock_fhir_type_count; i++) {
        auth_buf_add_string(&response->text, i ? "," : "");
        write_type(&response->text, &mock_fhir_types[i], auth_epic_version(call->profile), is_own);
    }
    auth_buf_add_string(&response->text, "]}]}");
    mock_response_seal_text(response);
    response->is_spoiled = response->is_spoiled || !auth_buf_ok(&date) || format.is_out_of_memory;
    mock_format_finish(&format, response);
    response->is_spoiled = response->is_spoiled || !auth_buf_ok(&date);
    auth_buf_clear(&date);
}
