/* The client against answers that no honest server gives: a scripted transport in place of the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/tests/support.h"

/* ---- the token answer ---- */

static void test_token_answers(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum epic_auth_rc rc;
    } rows[] = {
        {200, TOKEN("t", "3600"), EPIC_AUTH_OK},
        {200, "{\"access_token\":\"t\",\"token_type\":\"bEaReR\",\"expires_in\":300}", EPIC_AUTH_OK},
        {200, TOKEN("t\\r\\nX: y", "3600"), EPIC_AUTH_E_PROTOCOL},
        {200, TOKEN("", "3600"), EPIC_AUTH_E_PROTOCOL},
        {200, "{\"access_token\":7,\"token_type\":\"Bearer\",\"expires_in\":300}", EPIC_AUTH_E_PROTOCOL},
        {200, "{\"access_token\":\"t\",\"token_type\":\"mac\",\"expires_in\":300}", EPIC_AUTH_E_PROTOCOL},
        {200, "<html>log in</html>", EPIC_AUTH_E_PROTOCOL},
        {200, "{\"access_token\":\"t\",\"access_token\":\"u\",\"token_type\":\"Bearer\",\"expires_in\":300}",
         EPIC_AUTH_E_PROTOCOL},
        {302, "", EPIC_AUTH_E_PROTOCOL},
        {307, "", EPIC_AUTH_E_PROTOCOL},
        {400, "{\"error\":\"invalid_client\",\"error_description\":null}", EPIC_AUTH_E_OAUTH},
        {401, "{\"error\":\"invalid_client\",\"error_description\":\"because\"}", EPIC_AUTH_E_OAUTH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct step steps[] = {
            {GIVES(TOKEN_URL, rows[i].status, rows[i].body), .header = "location: https://evil.example/\n"}};
        struct script script;
        struct epic_auth_error error;
        struct epic_auth *auth = START(&script, steps);
        char *token = NULL;
        enum epic_auth_rc rc = epic_auth_access_token(auth, &token, &error);
        if (rc != rows[i].rc || (rc == EPIC_AUTH_OK) != (token != NULL) || script.at != 1)
            fail_msg("row %zu: %s, \"%s\", %zu requests", i, epic_auth_rc_text(rc), error.message, script.at);
        epic_auth_string_free(token);
        epic_auth_free(auth);
    }
}

static void test_a_busy_server_is_asked_again_with_another_assertion(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 503, "busy")},
        {GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *token = NULL;
    (void)state;
    assert_int_equal(epic_auth_access_token(auth, &token, &error), EPIC_AUTH_OK);
    assert_int_equal(script.at, 2);
    assert_string_not_equal(script.form[0], script.form[1]);
    epic_auth_string_free(token);
    epic_auth_free(auth);
}

/* ---- reads ---- */

static void test_one_replay_after_a_401_and_no_more(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 200, TOKEN("one", "3600"))}, {GIVES(BASE "/Patient/p", 401, "\"\"")},
        {GIVES(TOKEN_URL, 200, TOKEN("two", "3600"))}, {GIVES(BASE "/Patient/p", 200, PATIENT)},
        {GIVES(BASE "/Patient/p", 401, "\"\"")},       {GIVES(TOKEN_URL, 200, TOKEN("three", "3600"))},
        {GIVES(BASE "/Patient/p", 401, "\"\"")},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_OK);
    epic_auth_string_free(json);
    assert_int_equal(script.at, 4);
    assert_string_equal(script.bearer[1], "Bearer one");
    assert_string_equal(script.bearer[3], "Bearer two");
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_E_DENIED);
    assert_int_equal(script.at, 7);
    epic_auth_free(auth);
}

static void test_a_403_renews_only_when_the_token_is_named_as_the_cause(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 200, TOKEN("one", "3600"))},
        {GIVES(BASE "/Patient/p", 403, ""), .header = "www-authenticate: Bearer error=\"insufficient_scope\"\n"},
        {GIVES(BASE "/Patient/p", 403, ""), .header = "www-authenticate: Bearer error=\"invalid_token\"\n"},
        {GIVES(TOKEN_URL, 200, TOKEN("two", "3600"))},
        {GIVES(BASE "/Patient/p", 200, PATIENT)},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_E_DENIED);
    assert_int_equal(error.http_status, 403);
    assert_int_equal(script.at, 2);
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_OK);
    assert_string_equal(script.bearer[4], "Bearer two");
    epic_auth_string_free(json);
    epic_auth_free(auth);
}

static void test_a_busy_fhir_server_is_asked_three_times(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))},
        {GIVES(BASE "/Patient/p", 500, "")},
        {GIVES(BASE "/Patient/p", 429, ""), .header = "retry-after: 30\n"},
        {.url = BASE "/Patient/p", .rc = AUTH_E_NETWORK},
        {GIVES(BASE "/Patient/p", 503, ""), .header = "retry-after: 5\n"},
        {GIVES(BASE "/Patient/p", 504, "")},
        {GIVES(BASE "/Patient/p", 200, PATIENT)},
        {GIVES(BASE "/Patient/p", 501, "")},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_E_NETWORK);
    assert_int_equal(script.at, 4);
    assert_int_equal(script.slept_ms, 200 + 30000);
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_OK);
    assert_int_equal(script.slept_ms, 200 + 30000 + 5000 + 400);
    assert_string_equal(json, PATIENT); /* the bytes that came */
    epic_auth_string_free(json);
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_E_FHIR); /* 501 will not pass */
    assert_int_equal(script.at, 8);
    epic_auth_free(auth);
}

/* ---- searches ---- */

#define PAGE(next, id)                                                                                                 \
    "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"url\":\"" next "\"}],\"entry\":[{\"resource\":"   \
    "{\"resourceType\":\"Patient\",\"id\":\"" id "\"},\"search\":{\"mode\":\"match\"}}]}"

static void test_every_page_asks_for_a_token_of_its_own_time(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 200, TOKEN("one", "60"))},
        {GIVES(BASE "/Patient?family=x", 200, PAGE("Patient?page=2", "a")), .takes_ms = 61000},
        {GIVES(TOKEN_URL, 200, TOKEN("two", "60"))},
        {GIVES(BASE "/Patient?page=2", 200, "{\"resourceType\":\"Bundle\"}")},
    };
    static const struct epic_auth_param params[] = {{"family", "x"}};
    struct script script;
    struct epic_auth_error error;
    struct epic_auth_search *search = NULL;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    assert_int_equal(epic_auth_fhir_search(auth, "Patient", params, 1, &search, &error), EPIC_AUTH_OK);
    assert_int_equal(script.at, 0);
    assert_int_equal(epic_auth_search_next(search, &json, &error), EPIC_AUTH_OK);
    assert_string_equal(json, "{\"resourceType\":\"Patient\",\"id\":\"a\"}");
    epic_auth_string_free(json);
    assert_int_equal(epic_auth_search_next(search, &json, &error), EPIC_AUTH_E_END);
    assert_string_equal(script.bearer[1], "Bearer one");
    assert_string_equal(script.bearer[3], "Bearer two");
    epic_auth_search_free(search);
    epic_auth_free(auth);
}

static void test_remarks_inside_a_good_page_are_kept_apart(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))},
        {GIVES(
            BASE "/Patient", 200,
            "{\"resourceType\":\"Bundle\",\"unknown\":[{}],\"entry\":[{\"resource\":{\"resourceType\":"
            "\"OperationOutcome\",\"issue\":[{\"severity\":\"warning\",\"code\":\"x\",\"diagnostics\":\"\\u001b[31mred\"}]}},"
            "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"a\"},\"search\":{\"mode\":\"include\"}}]}")},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth_search *search = NULL;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    size_t count;
    (void)state;
    assert_int_equal(epic_auth_fhir_search(auth, "Patient", NULL, 0, &search, &error), EPIC_AUTH_OK);
    assert_string_equal(epic_auth_search_mode(search), "");
    assert_int_equal(epic_auth_search_next(search, &json, &error), EPIC_AUTH_OK);
    assert_string_equal(json, "{\"resourceType\":\"Patient\",\"id\":\"a\"}");
    assert_string_equal(epic_auth_search_mode(search), "include");
    epic_auth_string_free(json);
    assert_int_equal(epic_auth_search_next(search, &json, &error), EPIC_AUTH_E_END);
    assert_string_equal(epic_auth_search_mode(search), "");
    const struct epic_auth_issue *issues = epic_auth_search_issues(search, &count);
    assert_int_equal(count, 1);
    assert_string_equal(issues[0].diagnostics, "\\x1b[31mred"); /* no terminal obeys it */
    epic_auth_search_free(search);
    epic_auth_free(auth);
}

static void test_base_urls_with_and_without_slash_are_one(void **state)
{
    static const char *const bases[] = {BASE, BASE "/", BASE "//"};
    (void)state;
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        static const struct step steps[] = {{GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))},
                                            {GIVES(BASE "/Patient/p", 200, PATIENT)}};
        const struct epic_auth_options options = {.size = sizeof options, .fhir_base_url = bases[i]};
        struct script script;
        struct epic_auth_error error;
        char *json = NULL;
        struct epic_auth *auth = script_start(&script, steps, 2, &options);
        assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_OK);
        epic_auth_string_free(json);
        epic_auth_free(auth);
    }
}

static void test_ids_are_escaped_into_one_segment(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))},
        {GIVES(BASE "/Patient/a%2F..%2Fb%3Fc", 404, OUTCOME("not-found"))},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    enum epic_auth_rc rc = epic_auth_fhir_get(auth, "Patient", "a/../b?c", &json, &error);
    assert_int_equal(rc, EPIC_AUTH_E_NOT_FOUND);
    assert_int_equal(script.at, 2);
    epic_auth_free(auth);
}

static void test_arguments_that_make_no_sense_are_told(void **state)
{
    static const struct epic_auth_param no_name[] = {{"", "x"}}, no_value[] = {{"x", NULL}};
    struct script script;
    struct epic_auth_error error;
    struct epic_auth_search *search = NULL;
    struct epic_auth *auth = script_start(&script, NULL, 0, NULL);
    char *json = NULL;
    (void)state;
    assert_int_equal(epic_auth_fhir_get(auth, NULL, "x", &json, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "", &json, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "..", &json, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_get_path(auth, NULL, &json, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_get_path(auth, "a b", &json, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_search(auth, "", NULL, 0, &search, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_search(auth, "Patient", no_name, 1, &search, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_search(auth, "Patient", no_value, 1, &search, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_patient_observations(auth, NULL, "x", &search, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(script.at, 0);
    epic_auth_free(auth);
    epic_auth_free(NULL);
    epic_auth_search_free(NULL);
    epic_auth_string_free(NULL);
}

static void test_no_token_leaves_for_another_origin(void **state)
{
    static const char *const links[] = {
        "https://evil.example/api/FHIR/R4?page=2",
        "http://epic.example/api/FHIR/R4?page=2",
        "https://epic.example:444/x",
        "//evil.example/x",
        "https://epic.example@evil.example/x",
        "https://epic.example.evil.example/x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char bundle[512];
        snprintf(
            bundle, sizeof bundle,
            "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"url\":\"%s\"}],\"entry\":[{\"search\":"
            "{\"mode\":\"match\"},\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p\"}}]}",
            links[i]);
        const struct step steps[] = {
            {GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))},
            {GIVES(BASE "/Patient?family=x", 200, bundle)},
        };
        const struct epic_auth_param params[] = {{"family", "x"}};
        struct script script;
        struct epic_auth_error error;
        struct epic_auth_search *search = NULL;
        struct epic_auth *auth = START(&script, steps);
        char *json = NULL;
        assert_int_equal(epic_auth_fhir_search(auth, "Patient", params, 1, &search, &error), EPIC_AUTH_OK);
        assert_int_equal(epic_auth_search_next(search, &json, &error), EPIC_AUTH_OK);
        epic_auth_string_free(json);
        enum epic_auth_rc rc = epic_auth_search_next(search, &json, &error);
        if (rc != EPIC_AUTH_E_ORIGIN && rc != EPIC_AUTH_E_PROTOCOL)
            fail_msg("%s: %s, \"%s\"", links[i], epic_auth_rc_text(rc), error.message);
        assert_int_equal(script.at, 2);
        epic_auth_search_free(search);
        epic_auth_free(auth);
    }
}

static void test_issues_of_an_error_are_all_carried(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))},
        {GIVES(
            BASE "/Patient/p", 400,
            "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"fatal\",\"code\":\"invalid\",\"details\":"
            "{\"coding\":[{\"code\":\"59108\"}],\"text\":\"first\"}},{\"severity\":\"warning\",\"code\":\"processing\","
            "\"diagnostics\":\"second\"}]}")},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_E_FHIR);
    assert_int_equal(error.http_status, 400);
    assert_int_equal(error.issue_count, 2);
    assert_string_equal(error.issues[0].coding, "59108");
    assert_string_equal(error.issues[0].text, "first");
    assert_string_equal(error.issues[1].diagnostics, "second");
    epic_auth_free(auth);
}

/* "For ever" is written as the largest number. */
static void test_any_time_out_is_one(void **state)
{
    static const int64_t numbers[] = {INT64_MAX, INT64_MAX / 2, INT64_MIN, -1, 0, 86400001, 1};
    const struct step steps[] = {{GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))}};
    enum { N = sizeof numbers / sizeof *numbers };
    (void)state;
    for (int i = 0; i < N * N; i++) {
        struct epic_auth_options more = {
            .size = sizeof more, .timeout_ms = numbers[i / N], .call_timeout_ms = numbers[i % N]};
        struct script script;
        struct epic_auth_error error;
        char *token = NULL;
        struct epic_auth *auth = script_start(&script, steps, 1, &more);
        assert_int_equal(epic_auth_access_token(auth, &token, &error), EPIC_AUTH_OK);
        assert_in_range(script.timeout_ms[0], 1, 86400000);
        epic_auth_string_free(token);
        epic_auth_free(auth);
    }
}

static void test_an_issue_reads_well_whatever_it_lacks(void **state)
{
    static const struct {
        struct epic_auth_issue issue;
        const char *line;
    } rows[] = {
        {{.severity = "error", .code = "invalid", .coding = "59108", .text = "t", .diagnostics = "d", .location = "l"},
         "  error invalid 59108: t; d at l\n"},
        {{.severity = "error", .code = "invalid", .text = "t"}, "  error invalid: t\n"},
        {{.severity = "error", .diagnostics = "d"}, "  error: d\n"},
        {{.text = "t"}, "  t\n"},
        {{.severity = ""}, "  an issue without a word about what it is\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct epic_auth_error error = {.rc = EPIC_AUTH_E_FHIR, .message = "m", .issue_count = 1};
        char text[512] = "";
        FILE *file = tmpfile();
        assert_non_null(file);
        error.issues[0] = rows[i].issue;
        epic_auth_error_print(file, &error);
        rewind(file);
        assert_true(fread(text, 1, sizeof text - 1, file) > 2);
        fclose(file);
        assert_string_equal(text + strlen("m\n"), rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_time_out_is_one),
        cmocka_unit_test(test_an_issue_reads_well_whatever_it_lacks),
        cmocka_unit_test(test_token_answers),
        cmocka_unit_test(test_a_busy_server_is_asked_again_with_another_assertion),
        cmocka_unit_test(test_one_replay_after_a_401_and_no_more),
        cmocka_unit_test(test_a_403_renews_only_when_the_token_is_named_as_the_cause),
        cmocka_unit_test(test_a_busy_fhir_server_is_asked_three_times),
        cmocka_unit_test(test_every_page_asks_for_a_token_of_its_own_time),
        cmocka_unit_test(test_remarks_inside_a_good_page_are_kept_apart),
        cmocka_unit_test(test_base_urls_with_and_without_slash_are_one),
        cmocka_unit_test(test_ids_are_escaped_into_one_segment),
        cmocka_unit_test(test_arguments_that_make_no_sense_are_told),
        cmocka_unit_test(test_no_token_leaves_for_another_origin),
        cmocka_unit_test(test_issues_of_an_error_are_all_carried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
