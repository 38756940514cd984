#include "mock_epic/epic/types.h"

/* clang-format off */
const struct mock_fhir_type mock_fhir_types[] = {
    {"Account", "", MOCK_MINIMUM_ID_ONLY},
    {"AdverseEvent", "research-subject seriousness study subject", MOCK_MINIMUM_PATIENT},
    {"AllergyIntolerance", "clinical-status patient", MOCK_MINIMUM_PATIENT_403},
    {"Appointment", "date identifier onlyscannable patient service-category status", MOCK_MINIMUM_PATIENT},
    {"Binary", "", MOCK_MINIMUM_ID_ONLY},
    {"BodyStructure", "identifier location morphology patient subject", MOCK_MINIMUM_PATIENT},
    {"CarePlan", "activity-date category encounter part-of patient status subject", MOCK_MINIMUM_PATIENT_AND_CATEGORY},
    {"CareTeam", "patient status subject", MOCK_MINIMUM_PATIENT},
    {"Claim", "", MOCK_MINIMUM_ID_ONLY},
    {"Communication", "based-on category encounter part-of patient subject", MOCK_MINIMUM_PATIENT},
    {"ConceptMap", "", MOCK_MINIMUM_NO_SEARCH},
    {"Condition", "abatement-date category clinical-status code encounter onset-date patient recorded-date subject", MOCK_MINIMUM_PATIENT},
    {"Consent", "category patient status subject", MOCK_MINIMUM_PATIENT},
    {"Contract", "", MOCK_MINIMUM_ID_ONLY},
    {"Coverage", "beneficiary patient", MOCK_MINIMUM_PATIENT},
    {"DeviceRequest", "patient status", MOCK_MINIMUM_PATIENT},
    {"DeviceUseStatement", "patient subject", MOCK_MINIMUM_PATIENT},
    {"Device", "device-name manufacturer model patient udi-carrier udi-di", MOCK_MINIMUM_PATIENT},
    {"DiagnosticReport", "category code date identifier patient subject", MOCK_MINIMUM_PATIENT},
    {"DocumentReference", "author category date docstatus encounter patient period status subject type", MOCK_MINIMUM_PATIENT_REQUIRED},
    {"Encounter", "class date identifier onlyscannable patient subject", MOCK_MINIMUM_PATIENT},
    {"Endpoint", "", MOCK_MINIMUM_ID_ONLY},
    {"EpisodeOfCare", "patient status type", MOCK_MINIMUM_PATIENT},
    {"ExplanationOfBenefit", "billable-period-start created identifier patient service-date service-start-date type use", MOCK_MINIMUM_PATIENT},
    {"FamilyMemberHistory", "patient", MOCK_MINIMUM_PATIENT},
    {"Flag", "category encounter patient status subject", MOCK_MINIMUM_PATIENT},
    {"Goal", "category lifecycle-status patient start-date subject", MOCK_MINIMUM_PATIENT},
    {"Group", "", MOCK_MINIMUM_ID_ONLY},
    {"ImagingStudy", "identifier patient subject", MOCK_MINIMUM_PATIENT},
    {"ImmunizationRecommendation", "patient", MOCK_MINIMUM_PATIENT},
    {"Immunization", "date patient status", MOCK_MINIMUM_PATIENT},
    {"List", "code encounter identifier patient subject", MOCK_MINIMUM_PATIENT},
    {"Location", "type", MOCK_MINIMUM_ID_ONLY},
    {"MeasureReport", "epic-group-id patient subject", MOCK_MINIMUM_PATIENT},
    {"Measure", "", MOCK_MINIMUM_ID_ONLY},
    {"Media", "", MOCK_MINIMUM_ID_ONLY},
    {"MedicationAdministration", "context effective-time patient performer request status subject", MOCK_MINIMUM_PATIENT},
    {"MedicationDispense", "category patient subject", MOCK_MINIMUM_PATIENT},
    {"MedicationRequest", "category date intent patient status subject", MOCK_MINIMUM_PATIENT},
    {"Medication", "", MOCK_MINIMUM_ID_ONLY},
    {"NutritionOrder", "patient", MOCK_MINIMUM_PATIENT},
    {"Observation", "based-on category code date focus issued patient subject", MOCK_MINIMUM_PATIENT_AND_CATEGORY_OR_CODE},
    {"Organization", "", MOCK_MINIMUM_ID_ONLY},
    {"Patient", "address address-city address-postalcode address-state birthdate doc-type family gender given identifier legal-sex name own-name own-prefix partner-name partner-prefix telecom", MOCK_MINIMUM_DEMOGRAPHICS},
    {"PractitionerRole", "email identifier location organization phone practitioner role specialty telecom", MOCK_MINIMUM_ID_ONLY},
    {"Practitioner", "address address-city address-postalcode address-state family given identifier name", MOCK_MINIMUM_ID_ONLY},
    {"Procedure", "category code date identifier patient subject", MOCK_MINIMUM_PATIENT_REQUIRED},
    {"Provenance", "", MOCK_MINIMUM_NO_SEARCH},
    {"QuestionnaireResponse", "encounter patient subject", MOCK_MINIMUM_PATIENT},
    {"Questionnaire", "", MOCK_MINIMUM_ID_ONLY},
    {"RelatedPerson", "", MOCK_MINIMUM_ID_ONLY},
    {"RequestGroup", "", MOCK_MINIMUM_ID_ONLY},
    {"ResearchStudy", "identifier status", MOCK_MINIMUM_ID_ONLY},
    {"ResearchSubject", "patient status study", MOCK_MINIMUM_PATIENT},
    {"ServiceRequest", "authored category code encounter identifier onlyscannable patient requester status subject", MOCK_MINIMUM_PATIENT},
    {"Specimen", "", MOCK_MINIMUM_ID_ONLY},
    {"Substance", "", MOCK_MINIMUM_ID_ONLY},
    {"Task", "code encounter focus patient status subject", MOCK_MINIMUM_PATIENT},
    {"ValueSet", "", MOCK_MINIMUM_NO_SEARCH},
};
/* clang-format on */

const size_t mock_fhir_type_count = sizeof mock_fhir_types / sizeof *mock_fhir_types;

size_t mock_fhir_type_find(struct auth_view name)
{
    size_t i = 0;
    while (i < mock_fhir_type_count && !auth_view_is(name, mock_fhir_types[i].name))
        i++;
    return i;
}

bool mock_fhir_type_has(const struct mock_fhir_type *type, struct auth_view parameter)
{
    struct auth_view rest = auth_view_of(type->native);
    while (rest.n) {
        if (auth_view_equal(auth_view_cut(&rest, ' '), parameter))
            return true;
    }
    return false;
}
