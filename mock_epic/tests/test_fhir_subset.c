/* Which elements of a resource _elements and _summary leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mock_epic/fhir/subset.h"

#define TAG                                                                                                            \
    "\"tag\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}]"

static void expect(const char *resource, const struct mock_subset *subset, const char *wanted)
{
    struct auth_buf part;
    auth_buf_init(&part, 4096);
    mock_subset_write(auth_view_from_string(resource), subset, &part);
    assert_true(auth_buf_ok(&part));
    assert_string_equal(part.p, wanted);
    auth_buf_clear(&part);
}

static struct auth_form_field field(const char *name, const char *value)
{
    return (struct auth_form_field){.name = auth_view_from_string(name), .value = auth_view_from_string(value)};
}

static struct mock_subset subset_of(const char *name, const char *value)
{
    struct mock_subset subset = {.kind = MOCK_SUBSET_WHOLE};
    const struct auth_form_field given = field(name, value);
    assert_null(mock_subset_take(&subset, &given));
    return subset;
}

static void test_names(void **state)
{
    (void)state;
    static const char observation[] =
        "{\"resourceType\":\"Observation\",\"id\":\"a\",\"meta\":{\"versionId\":\"1\",\"tag\":[{\"code\":\"x\"}]},"
        "\"status\":\"final\",\"_status\":{\"id\":\"s\"},\"code\":{\"text\":\"c\"},\"valueQuantity\":{\"value\":5.10},"
        "\"values\":1,\"note\":[]}";
    struct mock_subset value = subset_of("_elements", "value,,nothing");
    expect(
        observation, &value,
        "{\"resourceType\":\"Observation\",\"id\":\"a\",\"meta\":{\"versionId\":\"1\",\"tag\":[{\"code\":\"x\"},{\"system\":"
        "\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}]},"
        "\"status\":\"final\",\"_status\":{\"id\":\"s\"},\"code\":{\"text\":\"c\"},\"valueQuantity\":{\"value\":5.10}}");
    expect("{\"resourceType\":\"Patient\",\"id\":\"a\"}", &value,
           "{\"resourceType\":\"Patient\",\"id\":\"a\",\"meta\":{" TAG "}}");
    expect("{\"resourceType\":\"Unheard\",\"b\":1}", &value, "{\"resourceType\":\"Unheard\",\"b\":1}");
}

static void test_summaries(void **state)
{
    (void)state;
    static const char observation[] =
        "{\"resourceType\":\"Observation\",\"id\":\"a\",\"text\":{\"status\":\"empty\"},\"contained\":[{}],\"modifierExtension\":[{}],"
        "\"status\":\"final\",\"category\":[{\"text\":\"k\"}],\"code\":{\"extension\":[{\"url\":\"u\"}]},"
        "\"subject\":{\"display\":\"d\",\"extension\":[]},\"component\":[{\"interpretation\":[]},"
        "{\"modifierExtension\":[{\"url\":\"u\",\"valueCode\":\"x\"}],\"code\":{\"text\":\"t\"},\"referenceRange\":[{}]}],\"odd\":1}";
    struct mock_subset summary = subset_of("_summary", "true"), text = subset_of("_summary", "text"),
                       data = subset_of("_summary", "data");
    expect(observation, &summary,
           "{\"resourceType\":\"Observation\",\"id\":\"a\",\"meta\":{" TAG "},\"status\":\"final\","
           "\"code\":{\"extension\":[{\"url\":\"u\"}]},\"subject\":{\"display\":\"d\"},"
           "\"component\":[{\"modifierExtension\":[{\"url\":\"u\",\"valueCode\":\"x\"}],\"code\":{\"text\":\"t\"}}]}");
    expect("{\"resourceType\":\"Observation\",\"component\":[{\"interpretation\":[]}],\"subject\":7}", &summary,
           "{\"resourceType\":\"Observation\",\"meta\":{" TAG "},\"subject\":7}");
    expect(observation, &text,
           "{\"resourceType\":\"Observation\",\"id\":\"a\",\"meta\":{" TAG
           "},\"text\":{\"status\":\"empty\"},\"status\":\"final\","
           "\"code\":{\"extension\":[{\"url\":\"u\"}]}}");
    expect("{\"resourceType\":\"Basic\",\"text\":{},\"odd\":1,\"contained\":[]}", &data,
           "{\"resourceType\":\"Basic\",\"meta\":{" TAG "},\"odd\":1,\"contained\":[]}");
}

static void test_parameters(void **state)
{
    (void)state;
    struct auth_form params = {.count = 3};
    struct mock_subset subset;
    const struct auth_form_field *wrong = NULL;
    params.fields[0] = field("_count", "1");
    params.fields[1] = field("_elements", ",");
    params.fields[2] = field("_summary", "false");
    assert_null(mock_subset_of(&params, &subset, &wrong));
    assert_int_equal(subset.kind, MOCK_SUBSET_WHOLE);
    params.fields[1] = field("_elements", "a,b");
    assert_null(mock_subset_of(&params, &subset, &wrong));
    assert_int_equal(subset.name_count, 2);
    params.fields[2] = field("_summary", "data");
    assert_non_null(mock_subset_of(&params, &subset, &wrong));
    assert_ptr_equal(wrong, &params.fields[2]);
    params.fields[1] = field("_summary", "count");
    assert_non_null(mock_subset_of(&params, &subset, &wrong));
    assert_ptr_equal(wrong, &params.fields[1]);
}

static void test_most_names(void **state)
{
    (void)state;
    char list[2 * MOCK_SUBSET_NAMES_MAX + 2];
    for (size_t i = 0; i <= MOCK_SUBSET_NAMES_MAX; i++) {
        list[2 * i] = 'a';
        list[2 * i + 1] = ',';
    }
    struct mock_subset most = {.kind = MOCK_SUBSET_WHOLE}, more = most;
    struct auth_form_field given = field("_elements", "");
    given.value = auth_view_bytes(list, (size_t)2 * MOCK_SUBSET_NAMES_MAX);
    assert_null(mock_subset_take(&most, &given));
    given.value = auth_view_bytes(list, sizeof list);
    assert_non_null(mock_subset_take(&more, &given));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_summaries),
                                       cmocka_unit_test(test_parameters), cmocka_unit_test(test_most_names)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
