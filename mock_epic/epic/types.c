#include "mock_epic/epic/types.h"

/* clang-format off */
const struct mock_fhir_type mock_fhir_types[] = {
    {"Account", "", MOCK_REQUIRED_ID_ONLY},
    {"AdverseEvent", "research-subject seriousness study subject", MOCK_REQUIRED_PATIENT},
    {"AllergyIntolerance", "clinical-status patient", MOCK_REQUIRED_PATIENT_403},
    {"Appointment", "date identifier onlyscannable patient service-category status", MOCK_REQUIRED_PATIENT},
    {"Binary", "", MOCK_REQUIRED_ID_ONLY},
    {"BodyStructure", "identifier location morphology patient subject", MOCK_REQUIRED_PATIENT},
    {"CarePlan", "activity-date category encounter part-of patient status subject", MOCK_REQUIRED_PATIENT_AND_CATEGORY},
    {"CareTeam", "patient status subject", MOCK_REQUIRED_PATIENT},
    {"Claim", "", MOCK_REQUIRED_ID_ONLY},
    {"Communication", "based-on category encounter part-of patient subject", MOCK_REQUIRED_PATIENT},
    {"ConceptMap", "", MOCK_REQUIRED_NO_SEARCH},
    {"Condition", "abatement-date category clinical-status code encounter onset-date patient recorded-date subject", MOCK_REQUIRED_PATIENT},
    {"Consent", "category patient status subject", MOCK_REQUIRED_PATIENT},
    {"Contract", "", MOCK_REQUIRED_ID_ONLY},
    {"Coverage", "beneficiary patient", MOCK_REQUIRED_PATIENT},
    {"DeviceRequest", "patient status", MOCK_REQUIRED_PATIENT},
    {"DeviceUseStatement", "patient subject", MOCK_REQUIRED_PATIENT},
    {"Device", "device-name manufacturer model patient udi-carrier udi-di", MOCK_REQUIRED_PATIENT},
    {"DiagnosticReport", "category code date identifier patient subject", MOCK_REQUIRED_PATIENT},
    {"DocumentReference", "author category date docstatus encounter patient period status subject type", MOCK_REQUIRED_PATIENT_REQUIRED},
    {"Encounter", "class date identifier onlyscannable patient subject", MOCK_REQUIRED_PATIENT},
    {"Endpoint", "", MOCK_REQUIRED_ID_ONLY},
    {"EpisodeOfCare", "patient status type", MOCK_REQUIRED_PATIENT},
    {"ExplanationOfBenefit", "billable-period-start created identifier patient service-date service-start-date type use", MOCK_REQUIRED_PATIENT},
    {"FamilyMemberHistory", "patient", MOCK_REQUIRED_PATIENT},
    {"Flag", "category encounter patient status subject", MOCK_REQUIRED_PATIENT},
    {"Goal", "category lifecycle-status patient start-date subject", MOCK_REQUIRED_PATIENT},
    {"Group", "", MOCK_REQUIRED_ID_ONLY},
    {"ImagingStudy", "identifier patient subject", MOCK_REQUIRED_PATIENT},
    {"ImmunizationRecommendation", "patient", MOCK_REQUIRED_PATIENT},
    {"Immunization", "date patient status", MOCK_REQUIRED_PATIENT},
    {"List", "code encounter identifier patient subject", MOCK_REQUIRED_PATIENT},
    {"Location", "type", MOCK_REQUIRED_ID_ONLY},
    {"MeasureReport", "epic-group-id patient subject", MOCK_REQUIRED_PATIENT},
    {"Measure", "", MOCK_REQUIRED_ID_ONLY},
    {"Media", "", MOCK_REQUIRED_ID_ONLY},
    {"MedicationAdministration", "context effective-time patient performer request status subject", MOCK_REQUIRED_PATIENT},
    {"MedicationDispense", "category patient subject", MOCK_REQUIRED_PATIENT},
    {"MedicationRequest", "category date intent patient status subject", MOCK_REQUIRED_PATIENT},
    {"Medication", "", MOCK_REQUIRED_ID_ONLY},
    {"NutritionOrder", "patient", MOCK_REQUIRED_PATIENT},
    {"Observation", "based-on category code date focus issued patient subject", MOCK_REQUIRED_PATIENT_AND_CATEGORY_OR_CODE},
    {"Organization", "", MOCK_REQUIRED_ID_ONLY},
    {"Patient", "address address-city address-postalcode address-state birthdate doc-type family gender given identifier legal-sex name own-name own-prefix partner-name partner-prefix telecom", MOCK_REQUIRED_DEMOGRAPHICS},
    {"PractitionerRole", "email identifier location organization phone practitioner role specialty telecom", MOCK_REQUIRED_ID_ONLY},
    {"Practitioner", "address address-city address-postalcode address-state family given identifier name", MOCK_REQUIRED_ID_ONLY},
    {"Procedure", "category code date identifier patient subject", MOCK_REQUIRED_PATIENT_REQUIRED},
    {"Provenance", "", MOCK_REQUIRED_NO_SEARCH},
    {"QuestionnaireResponse", "encounter patient subject", MOCK_REQUIRED_PATIENT},
    {"Questionnaire", "", MOCK_REQUIRED_ID_ONLY},
    {"RelatedPerson", "", MOCK_REQUIRED_ID_ONLY},
    {"RequestGroup", "", MOCK_REQUIRED_ID_ONLY},
    {"ResearchStudy", "identifier status", MOCK_REQUIRED_ID_ONLY},
    {"ResearchSubject", "patient status study", MOCK_REQUIRED_PATIENT},
    {"ServiceRequest", "authored category code encounter identifier onlyscannable patient requester status subject", MOCK_REQUIRED_PATIENT},
    {"Specimen", "", MOCK_REQUIRED_ID_ONLY},
    {"Substance", "", MOCK_REQUIRED_ID_ONLY},
    {"Task", "code encounter focus patient status subject", MOCK_REQUIRED_PATIENT},
    {"ValueSet", "", MOCK_REQUIRED_NO_SEARCH},
};
/* clang-format on */

const size_t mock_fhir_type_count = sizeof mock_fhir_types / sizeof *mock_fhir_types;

size_t mock_fhir_type_find(struct auth_view name)
{
    size_t i = 0;
    while (i < mock_fhir_type_count && !auth_view_equals(name, mock_fhir_types[i].name))
        i++;
    return i;
}

bool mock_fhir_type_has(const struct mock_fhir_type *type, struct auth_view parameter)
{
    struct auth_view rest = auth_view_from_string(type->native);
    while (rest.n) {
        if (auth_view_equals_view(auth_view_split(&rest, ' '), parameter))
            return true;
    }
    return false;
}
