/* What data cannot say: the edge pack's access.json, how its rows are answered, and rows that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/tests/oom.h"
#include "mock_epic/data/access.h"
#include "mock_epic/fhir/fhir.h"
#include "mock_epic/fhir/session.h"

static struct mock_fhir *fhir;
static struct mock_sessions sessions;

static int set_up(void **state)
{
    struct auth_err err = {0};
    (void)state;
    assert_int_equal(mock_fhir_new(&fhir), AUTH_OK);
    if (mock_fhir_load(fhir, "@edge", &err) != AUTH_OK || mock_fhir_seal(fhir, &err) != AUTH_OK)
        fail_msg("%s", err.detail);
    mock_sessions_init(&sessions);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_sessions_clear(&sessions);
    mock_fhir_release(fhir);
    return 0;
}

static void expect(const char *path, const char *query, int status, const char *part, const char *location)
{
    struct mock_scopes scopes;
    struct mock_response response;
    struct auth_buf body;
    const char *found_location = "";
    const struct mock_header accept = {auth_view_from_string("Accept"), auth_view_from_string("application/json")};
    struct mock_request request = {.method = auth_view_from_string("GET"),
                                   .query = auth_view_from_string(query),
                                   .headers = &accept,
                                   .header_count = 1};
    struct mock_fhir_call call = {.request = &request,
                                  .path = auth_view_from_string(path),
                                  .base_url = auth_view_from_string("http://x"),
                                  .scopes = &scopes,
                                  .profile = auth_profile_named("epic"),
                                  .now_s = 1790000000,
                                  .env = auth_env_system(),
                                  .sessions = &sessions};
    assert_int_equal(mock_scopes_all(MOCK_SCOPES_V2, &scopes), AUTH_OK);
    mock_response_init(&response);
    mock_fhir_handle(fhir, &call, &response);
    auth_buf_init(&body, 1 << 20);
    mock_response_body(&response, &body);
    for (size_t i = 0; i < response.header_count; i++)
        found_location = strcmp(response.headers[i].name, "Location") ? found_location : response.headers[i].value;
    bool has_part = part[0] == '!' ? !strstr(body.p, part + 1) : strstr(body.p, part) != NULL;
    if (response.status != status || !has_part || strcmp(found_location, location) != 0)
        fail_msg("%s?%s: %d %s %s", path, query, response.status, found_location, body.p);
    auth_buf_clear(&body);
    mock_response_clear(&response);
    mock_scopes_clear(&scopes);
}

static void test_the_edge_pack(void **state)
{
    (void)state;
    expect("/Patient/edge.deleted", "", 410, "4103", "");
    expect("/Patient/edge.merged", "", 302, "4107", "Patient/edge.merged-into");
    expect("/Patient/edge.restricted", "", 403, "4131", "");
    expect("/Patient/edge.forbidden", "", 403, "4118", "");
    expect("/Binary/edge.photo", "", 403, "Client not authorized for Binary - Provider Photo", "");
    expect("/AllergyIntolerance/edge.outside-record", "", 403,
           "Client not authorized for AllergyIntolerance - Outside Record", "");
    expect("/Binary", "_id=edge.photo", 200, "\"total\":0", "");
}

static void test_rows_that_are_wrong(void **state)
{
    static const struct {
        const char *json, *says;
    } rows[] = {
        {"{}", "array"},
        {"[7]", "row 1: it is no object"},
        {"[{\"type\":\"Patient\"}]", "row 1: type and id are needed"},
        {"[{\"type\":\"Patient\",\"id\":\"a\"},{\"type\":\"Patient\",\"id\":\"a\",\"answer\":\"4104\"}]",
         "row 2: answer is"},
        {"[{\"type\":\"Patient\",\"id\":\"a\",\"answer\":4103}]", "row 1: all members but search are strings"},
        {"[{\"type\":\"Patient\",\"id\":\"a\",\"answer\":\"4107\"}]", "row 1: 4107 needs to"},
        {"[{\"type\":\"Patient\",\"id\":\"a\",\"search\":true}]", "row 1: search can only be false"},
        {"[{\"type\":\"Patient\",\"id\":\"a\",\"anser\":\"4103\"}]", "row 1: a member that is not"},
        {"[", "JSON"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_access access = {0};
        struct auth_err err = {0};
        if (mock_access_add(&access, auth_view_from_string(rows[i].json), &err) != AUTH_E_SYNTAX ||
            !strstr(err.detail, rows[i].says) || access.count)
            fail_msg("%s: %s", rows[i].json, err.detail);
        mock_access_clear(&access);
    }
}

static void test_the_last_row_counts(void **state)
{
    static const char first[] =
        "[{\"type\":\"Patient\",\"id\":\"a\",\"answer\":\"4103\"},{\"type\":\"Patient\",\"id\":\"b\",\"search\":false}]";
    static const char second[] = "[{\"type\":\"Patient\",\"id\":\"a\",\"answer\":\"4118\"}]";
    struct mock_access access = {0};
    struct auth_view patient = auth_view_from_string("Patient");
    (void)state;
    assert_null(mock_access_find(NULL, patient, patient));
    assert_int_equal(mock_access_add(&access, auth_view_from_string(first), NULL), AUTH_OK);
    assert_int_equal(mock_access_add(&access, auth_view_from_string(second), NULL), AUTH_OK);
    assert_int_equal(mock_access_find(&access, patient, auth_view_from_string("a"))->answer, MOCK_OUTCOME_4118);
    assert_false(mock_access_find(&access, patient, auth_view_from_string("b"))->has_answer);
    assert_null(mock_access_find(&access, auth_view_from_string("Group"), auth_view_from_string("a")));
    mock_access_clear(&access);
}

static void test_without_memory(void **state)
{
    bool has_failed = true;
    (void)state;
    for (long i = 1; has_failed; i++) {
        struct mock_access access = {0};
        oom_arm(i, OOM_ONE);
        enum auth_rc rc = mock_access_add(
            &access, auth_view_from_string("[{\"type\":\"Patient\",\"id\":\"a\",\"search\":false}]"), NULL);
        has_failed = oom_disarm();
        assert_int_equal(rc, has_failed ? AUTH_E_NOMEM : AUTH_OK);
        mock_access_clear(&access);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_edge_pack, set_up, tear_down),
        cmocka_unit_test(test_rows_that_are_wrong),
        cmocka_unit_test(test_the_last_row_counts),
        cmocka_unit_test(test_without_memory),
    };
    oom_init();
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
