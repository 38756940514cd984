/* What the FHIR store takes, in which shapes, and what it finds again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/data/load_text.h"
#include "mock_epic/epic/types.h"

static enum auth_rc add(struct mock_fhir_store *store, const char *text, struct auth_err *err)
{
    auth_err_clear(err);
    struct mock_fhir_report report = {0};
    enum auth_rc rc = mock_fhir_load_text(store, &report, "test", auth_view_from_string(text), err);
    const struct mock_fhir_note *loss = mock_report_first_loss(&report, 0);
    if (rc == AUTH_OK && loss)
        rc = auth_err_set(err, AUTH_E_SYNTAX, "%s:%zu:%zu: %s", loss->file, loss->line, loss->column, loss->what);
    mock_report_clear(&report);
    return rc;
}

static struct mock_range about(const struct mock_fhir_store *store, const char *patient, const char *type)
{
    return mock_fhir_store_about(store, auth_view_from_string(patient),
                                 mock_fhir_type_find(auth_view_from_string(type)));
}

static void test_shapes(void **state)
{
    struct mock_fhir_store store = {0};
    struct auth_err err = {0};
    size_t replaced = 0;
    (void)state;
    assert_int_equal(add(&store, "{\"resourceType\":\"Patient\",\"id\":\"p\"}", &err), AUTH_OK);
    assert_int_equal(add(&store, " [{\"resourceType\":\"Patient\",\"id\":\"q\"} , []] ", &err), AUTH_OK);
    assert_int_equal(add(&store,
                         "{\"resourceType\":\"Bundle\",\"entry\":[{\"fullUrl\":\"x\"},{\"resource\":"
                         "{\"resourceType\":\"Condition\",\"id\":\"c\",\"subject\":{\"reference\":\"Patient\\/p\"},"
                         "\"code\":{\"coding\":[{\"system\":\"s\",\"code\":\"\\u0041\"},{\"display\":\"none\"}]}}}]}",
                         &err),
                     AUTH_OK);
    assert_int_equal(add(&store,
                         "{\"resourceType\":\"Observation\",\"id\":\"o\",\"subject\":{\"reference\":\"Patient/p\"},"
                         "\"category\":[{\"coding\":[{\"code\":\"x\"}]},{\"coding\":[{\"code\":\"y\"}]}]}\n\n"
                         "{\"resourceType\":\"Coverage\",\"id\":\"v\",\"beneficiary\":{\"reference\":\"Patient/q\"}}\n"
                         "{\"resourceType\":\"Patient\",\"id\":\"p\",\"active\":true}\n",
                         &err),
                     AUTH_OK);
    assert_int_equal(mock_fhir_store_seal(&store, &replaced, &err), AUTH_OK);
    assert_int_equal(store.count, 6);
    assert_int_equal(replaced, 1);
    const struct mock_resource *patient =
        mock_fhir_store_find(&store, auth_view_from_string("Patient"), auth_view_from_string("p"));
    assert_non_null(patient);
    assert_true(
        auth_view_equals(mock_resource_bytes(patient), "{\"resourceType\":\"Patient\",\"id\":\"p\",\"active\":true}"));
    const struct mock_resource *condition =
        mock_fhir_store_find(&store, auth_view_from_string("Condition"), auth_view_from_string("c"));
    assert_non_null(condition);
    assert_true(auth_view_equals(mock_resource_patient(&store, condition), "p"));
    assert_true(condition->codes == UINT64_MAX); /* a code with an escape may be any */
    struct mock_range range = about(&store, "p", "Observation");
    assert_int_equal(range.count, 1);
    const struct mock_resource *observation = &store.items[range.items[0]];
    assert_true(observation->codes ==
                (mock_code_bit(auth_view_from_string("x")) | mock_code_bit(auth_view_from_string("y"))));
    assert_int_equal(about(&store, "q", "Coverage").count, 1);
    assert_int_equal(about(&store, "q", "Observation").count, 0);
    assert_int_equal(about(&store, "p", "Patient").count, 1);
    assert_int_equal(about(&store, "nobody", "Patient").count, 0);
    struct mock_range patients = mock_fhir_store_of_type(&store, mock_fhir_type_find(auth_view_from_string("Patient")));
    assert_int_equal(patients.count, 2);
    assert_ptr_equal(&store.items[patients.items[0]], patient); /* in the place of what it replaces */
    assert_null(mock_fhir_store_find(&store, auth_view_from_string("Patient"), auth_view_from_string("r")));
    mock_fhir_store_clear(&store);
}

static void test_refusals_name_file_line_and_cause(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{\"resourceType\":\"Patient\",\"id\":\"a b\"}", "usable id"},
        {"{\"resourceType\":\"Patient\",\"id\":7}", "usable id"},
        {"{\"resourceType\":7,\"id\":\"a\"}", "no resourceType"},
        {"{\"id\":\"a\"}", "no resourceType"},
        {"7", "no resourceType"},
        {"{\"resourceType\":\"Patient\",\"id\":\"a\",\"id\":\"b\"}", "test:1:36: "},
        {"{\"resourceType\":\"Patient\",\"id\":\"a\"}\n{\"resourceType\":\"Patient\"}\n", "test:2:1: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_fhir_store store = {0};
        struct auth_err err = {0};
        if (add(&store, rows[i].text, &err) == AUTH_OK || !strstr(err.detail, rows[i].says))
            fail_msg("%s: \"%s\"", rows[i].text, err.detail);
        mock_fhir_store_clear(&store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_refusals_name_file_line_and_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
