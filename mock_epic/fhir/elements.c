/* Members picked out of the text by their names. */
#include "mock_epic/fhir/elements.h"

#include <string.h>

#include "mock_epic/data/raw.h"
#include "mock_epic/fhir/required.h"

/* R: what has a cardinality of at least one, at the top; of choices the name before the type. */
static const struct {
    const char *type, *names;
} mandatory[] = {
    {"Account", "status"},
    {"AdverseEvent", "actuality subject"},
    {"AllergyIntolerance", "patient"},
    {"Appointment", "status participant"},
    {"Binary", "contentType"},
    {"BodyStructure", "patient"},
    {"CarePlan", "status intent subject"},
    {"Claim", "status type use patient created provider priority insurance"},
    {"Communication", "status"},
    {"ConceptMap", "status"},
    {"Condition", "subject"},
    {"Consent", "status scope category"},
    {"Coverage", "status beneficiary payor"},
    {"DeviceRequest", "intent code subject"},
    {"DeviceUseStatement", "status subject device"},
    {"DiagnosticReport", "status code"},
    {"DocumentReference", "status content"},
    {"Encounter", "status class"},
    {"Endpoint", "status connectionType payloadType address"},
    {"EpisodeOfCare", "status patient"},
    {"ExplanationOfBenefit", "status type use patient created insurer provider outcome insurance"},
    {"FamilyMemberHistory", "status patient relationship"},
    {"Flag", "status code subject"},
    {"Goal", "lifecycleStatus description subject"},
    {"Group", "type actual"},
    {"ImagingStudy", "status subject"},
    {"Immunization", "status vaccineCode patient occurrence"},
    {"ImmunizationRecommendation", "patient date recommendation"},
    {"List", "status mode"},
    {"Measure", "status"},
    {"MeasureReport", "status type measure period"},
    {"Media", "status content"},
    {"MedicationAdministration", "status medication subject"},
    {"MedicationDispense", "status medication"},
    {"MedicationRequest", "status intent medication subject"},
    {"NutritionOrder", "status intent patient dateTime"},
    {"Observation", "status code"},
    {"Procedure", "status subject"},
    {"Provenance", "target recorded agent"},
    {"Questionnaire", "status"},
    {"QuestionnaireResponse", "status"},
    {"RelatedPerson", "patient"},
    {"RequestGroup", "status intent"},
    {"ResearchStudy", "status"},
    {"ResearchSubject", "status study individual"},
    {"ServiceRequest", "status intent subject"},
    {"Substance", "code"},
    {"Task", "status intent"},
    {"ValueSet", "status"},
};

static const char *mandatory_of(struct auth_view resource)
{
    for (size_t i = 0; i < sizeof mandatory / sizeof *mandatory; i++) {
        if (mock_raw_member_equals(resource, "resourceType", auth_view_from_string(mandatory[i].type)))
            return mandatory[i].names;
    }
    return "";
}

/* "value" is also valueQuantity; "_status" goes with status. */
static bool is_it(struct auth_view member, struct auth_view name)
{
    if (member.n && member.p[0] == '_')
        member = auth_view_from(member, 1);
    if (!name.n || member.n < name.n || memcmp(member.p, name.p, name.n) != 0)
        return false;
    return member.n == name.n || (member.p[name.n] >= 'A' && member.p[name.n] <= 'Z');
}

static bool is_wanted(struct auth_view member, const struct auth_view *names, size_t count, const char *always)
{
    struct auth_view rest = auth_view_from_string(always);
    for (size_t i = 0; i < count; i++) {
        if (is_it(member, names[i]))
            return true;
    }
    while (rest.n) {
        if (is_it(member, auth_view_split(&rest, ' ')))
            return true;
    }
    return auth_view_equals(member, "resourceType") || auth_view_equals(member, "id");
}

static void add_member(struct auth_buf *out, struct auth_view name, struct auth_view value)
{
    bool is_first = !auth_buf_ok(out) || out->p[out->n - 1] == '{';
    auth_buf_add_string(out, is_first ? "\"" : ",\"");
    auth_buf_add_view(out, name);
    auth_buf_add_string(out, "\":");
    auth_buf_add_view(out, value);
}

/* The resource's own meta with one tag more. */
static void add_meta(struct auth_buf *out, struct auth_view meta)
{
    static const char subsetted[] =
        "{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}";
    struct auth_view name, value, tags = auth_view_from_string("");
    size_t cursor = 0;
    add_member(out, auth_view_from_string("meta"), auth_view_from_string("{"));
    while (auth_json_raw_next_member(meta, &cursor, &name, &value)) {
        if (auth_view_equals(name, "tag"))
            tags = value;
        else
            add_member(out, name, value);
    }
    add_member(out, auth_view_from_string("tag"), auth_view_from_string("["));
    for (cursor = 0; auth_json_raw_next(tags, &cursor, &value);) {
        auth_buf_add_view(out, value);
        auth_buf_add_char(out, ',');
    }
    auth_buf_add_string(out, subsetted);
    auth_buf_add_string(out, "]}");
}

void mock_elements_write(struct auth_view resource, const struct auth_view *names, size_t name_count,
                         struct auth_buf *out)
{
    struct auth_view name, value;
    const char *always = mandatory_of(resource);
    size_t cursor = 0;
    bool has_meta = false;
    auth_buf_add_char(out, '{');
    while (auth_buf_ok(out) && auth_json_raw_next_member(resource, &cursor, &name, &value)) {
        bool is_head = auth_view_equals(name, "resourceType") || auth_view_equals(name, "id");
        if (!has_meta && !is_head) { /* where it stands in FHIR's order */
            add_meta(out, mock_raw_member(resource, "meta"));
            has_meta = true;
        }
        if (!auth_view_equals(name, "meta") && is_wanted(name, names, name_count, always))
            add_member(out, name, value);
    }
    if (auth_buf_ok(out) && !has_meta)
        add_meta(out, mock_raw_member(resource, "meta"));
    auth_buf_add_char(out, '}');
}
