/* Profiles and switches on the wire: challenges, introspection, discovery, paging, the shape of tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/b64u.h"
#include "auth/jose/jws.h"
#include "mock_epic/oauth/bearer.h"
#include "mock_epic/tests/support.h"

static const char introspect_path[] = "/interconnect-fhir-oauth/oauth2/introspect";

/* ---- bearer ---- */

static void expect_challenge(struct support *support, const char *target, const char *token, int status,
                             const char *challenge)
{
    struct support_answer answer = support_send(support, "GET", target, token, NULL, NULL);
    if (answer.status != status)
        fail_msg("%s: %d", target, answer.status);
    if (challenge ? !strstr(answer.headers, challenge) : !!strstr(answer.headers, "WWW-Authenticate"))
        fail_msg("%s: %s", target, answer.headers);
    support_answer_clear(&answer);
}

static const char invalid[] = "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The access token "
                              "provided is not valid\"\n";

static void test_challenges(void **state)
{
    static const char expired[] =
        "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The access token expired\"\n";
    static const struct {
        const char *profile;
        int absent_status;
        const char *absent;
        int expired_status;
        const char *expired;
    } rows[] = {
        {"epic", 401, "WWW-Authenticate: Bearer\n", 401, invalid},
        {"epic no_token=invalid_token expired_token=named", 401, invalid, 401, expired},
        {"epic no_token=403 expired_token=403", 403, NULL, 403, NULL},
        {"smart scope=ignore", 401, "WWW-Authenticate: Bearer\n", 401, expired},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct support support;
        support_init(&support, rows[i].profile);
        char *token = support_token(&support);
        expect_challenge(&support, SUPPORT_PATIENT_PATH, NULL, rows[i].absent_status, rows[i].absent);
        expect_challenge(&support, SUPPORT_PATIENT_PATH, "nonsense", 401, invalid);
        assert_int_equal(support_get(&support, SUPPORT_PATIENT_PATH, token), 200);
        assert_int_equal(support_admin(&support, "POST", "/mock/tokens/age", "{\"seconds\":3600}"), 200);
        expect_challenge(&support, SUPPORT_PATIENT_PATH, token, rows[i].expired_status, rows[i].expired);
        free(token);
        support_clear(&support);
    }
}

static void test_query_token(void **state)
{
    static const struct {
        const char *profile;
        int alone, with_header, wrong;
    } rows[] = {
        {"epic", 401, 200, 401},
        {"epic query_token=refuse", 400, 400, 400},
        {"epic query_token=accept", 200, 400, 401},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct support support;
        char target[512];
        support_init(&support, rows[i].profile);
        char *token = support_token(&support);
        snprintf(target, sizeof target, "%s?access_token=%s", SUPPORT_PATIENT_PATH, token);
        assert_int_equal(support_get(&support, target, NULL), rows[i].alone);
        assert_int_equal(support_get(&support, target, token), rows[i].with_header);
        assert_int_equal(support_get(&support, SUPPORT_PATIENT_PATH, token), 200);
        snprintf(target, sizeof target, "%s?%%61ccess_token=%s&_format=json", SUPPORT_PATIENT_PATH, token);
        assert_int_equal(support_get(&support, target, NULL), rows[i].alone);
        snprintf(target, sizeof target, "%s?access_token=x", SUPPORT_PATIENT_PATH);
        assert_int_equal(support_get(&support, target, NULL), rows[i].wrong);
        struct support_answer journal = support_send(&support, "GET", "/mock/journal", NULL, NULL, NULL);
        assert_null(strstr(journal.body, token));
        assert_non_null(strstr(journal.body, "?access_token=(not shown)"));
        assert_non_null(strstr(journal.body, "&_format=json"));
        support_answer_clear(&journal);
        free(token);
        support_clear(&support);
    }
}

/* ---- introspection ---- */

static struct support_answer introspect(struct support *support, const char *caller, const char *about)
{
    char form[8192];
    snprintf(form, sizeof form, "token=%s&token_type_hint=access_token", about);
    return support_send(support, "POST", introspect_path, caller, SUPPORT_FORM_TYPE, form);
}

static void expect_introspection(struct support *support, const char *caller, const char *about, const char *start)
{
    struct support_answer answer = introspect(support, caller, about);
    assert_int_equal(answer.status, 200);
    if (!auth_view_starts(auth_view_from_string(answer.body), start))
        fail_msg("%s", answer.body);
    support_answer_clear(&answer);
}

static void test_introspection_is_as_recorded(void **state)
{
    struct support support;
    char wanted[1024];
    (void)state;
    support_init(&support, "epic");
    support_put_app(&support, SUPPORT_CLIENT_ID, "[\"system/Patient.r\"]", 2);
    char *token = support_token(&support);
    struct support_answer answer = introspect(&support, token, token);
    char *jti = support_member(answer.body, "jti");
    snprintf(
        wanted, sizeof wanted,
        "{\"active\":true,\"scope\":\"system/Patient.r\",\"client_id\":\"%s\",\"username\":\"INTERCONNECT\",\"exp\":%d,\"sub\":\"%s\","
        "\"iss\":\"http://127.0.0.1:8423/interconnect-fhir-oauth/oauth2\",\"jti\":\"%s\",\"epic_user_type\":\"EMP\"}",
        SUPPORT_CLIENT_ID, SUPPORT_NOW_S + 3600, SUPPORT_CLIENT_ID, jti);
    assert_string_equal(answer.body, wanted);
    assert_int_equal(strspn(jti, "0123456789abcdef"), 32);
    assert_non_null(strstr(answer.headers, "Cache-Control: no-cache,no-store\n"));
    assert_non_null(strstr(answer.headers, "Content-Type: application/json; charset=utf-8\n"));
    support_answer_clear(&answer);
    free(jti);
    free(token);
    support_clear(&support);
}

static void test_introspection_of_foreign_and_expired_tokens(void **state)
{
    static const char inactive[] = "{\"active\":false}", described[] = "{\"active\":false,\"scope\":\"system/";
    static const struct {
        const char *profile, *foreign, *expired;
    } rows[] = {
        {"epic", inactive, inactive},
        {"epic introspect_foreign=describe", "{\"active\":true,\"scope\":\"system/", inactive},
        {"epic introspect_expired=members", inactive, described},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct support support;
        support_init(&support, rows[i].profile);
        struct mock_token_grant other = {1, auth_view_from_string("other"), auth_view_from_string("system/Patient.r"),
                                         SUPPORT_NOW_S, SUPPORT_NOW_S + 60};
        struct mock_token_grant old = {2, auth_view_from_string(SUPPORT_CLIENT_ID),
                                       auth_view_from_string("system/Patient.r"), SUPPORT_NOW_S - 60, SUPPORT_NOW_S};
        support_put_app(&support, "other", NULL, 2);
        assert_int_equal(mock_tokens_put(support.instance.store, auth_view_from_string("theirs"), &other), AUTH_OK);
        assert_int_equal(mock_tokens_put(support.instance.store, auth_view_from_string("old"), &old), AUTH_OK);
        char *token = support_token(&support);
        expect_introspection(&support, token, token, "{\"active\":true,");
        expect_introspection(&support, token, "theirs", rows[i].foreign);
        expect_introspection(&support, token, "old", rows[i].expired);
        expect_introspection(&support, token, "unknown", inactive);
        free(token);
        support_clear(&support);
    }
}

/* A narrowed token is described by its own scopes. */
static void test_introspection_tells_the_tokens_scope(void **state)
{
    struct support support;
    (void)state;
    support_init(&support, "smart");
    struct support_answer answer = support_ask(&support, "system/Patient.r");
    char *token = support_member(answer.body, "access_token");
    expect_introspection(&support, token, token, "{\"active\":true,\"scope\":\"system/Patient.r\",");
    support_answer_clear(&answer);
    free(token);
    support_clear(&support);
}

/* ---- discovery ---- */

static const char smart_path[] = SUPPORT_FHIR_PATH "/.well-known/smart-configuration";
#define BASE "http://127.0.0.1:8423/interconnect-fhir-oauth"

static void test_discovery(void **state)
{
    static const struct {
        const char *profile, *body;
    } rows[] = {
        {"epic",
         "{\"authorization_endpoint\":\"" BASE "/oauth2/authorize\",\"token_endpoint\":\"" BASE "/oauth2/token\","
         "\"token_endpoint_auth_methods_supported\":[\"client_secret_post\",\"client_secret_basic\",\"private_key_jwt\"],"
         "\"scopes_supported\":[\"epic.scanning.dmsusername\",\"fhirUser\",\"launch\",\"openid\",\"profile\"],"
         "\"response_types_supported\":[\"code\"],\"capabilities\":[\"launch-ehr\",\"launch-standalone\","
         "\"client-public\",\"client-confidential-symmetric\",\"client-confidential-asymmetric\",\"context-banner\","
         "\"context-style\",\"context-ehr-patient\",\"context-ehr-encounter\",\"context-standalone-patient\","
         "\"permission-offline\",\"permission-patient\",\"permission-user\",\"permission-v1\",\"permission-v2\","
         "\"sso-openid-connect\",\"authorize-post\"],\"grant_types_supported\":[\"authorization_code\","
         "\"refresh_token\",\"client_credentials\",\"urn:ietf:params:oauth:grant-type:jwt-bearer\","
         "\"urn:ietf:params:oauth:grant-type:token-exchange\"],\"code_challenge_methods_supported\":[\"S256\"],"
         "\"issuer\":\"" BASE "/oauth2\",\"jwks_uri\":\"" BASE
         "/api/epic/2019/Security/Open/PublicKeys/530027/OIDC\"}"},
        {"smart",
         "{\"token_endpoint\":\"" BASE
         "/oauth2/token\",\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"],"
         "\"token_endpoint_auth_signing_alg_values_supported\":[\"RS384\",\"ES384\"],"
         "\"grant_types_supported\":[\"client_credentials\"],\"scopes_supported\":[\"system/*.rs\",\"system/*.read\"],"
         "\"introspection_endpoint\":\"" BASE "/oauth2/introspect\",\"code_challenge_methods_supported\":[\"S256\"],"
         "\"capabilities\":[\"client-confidential-asymmetric\",\"permission-v1\",\"permission-v2\"]}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct support support;
        support_init(&support, rows[i].profile);
        struct support_answer answer = support_send(&support, "GET", smart_path, NULL, NULL, NULL);
        assert_string_equal(answer.body, rows[i].body);
        assert_non_null(strstr(answer.headers, "Content-Type: application/json"));
        support_answer_clear(&answer);
        support_clear(&support);
    }
}

/* ---- paging ---- */

static char *next_of(const char *body)
{
    const char *at = strstr(body, "sessionID=");
    char target[512];
    assert_non_null(at);
    snprintf(target, sizeof target, SUPPORT_FHIR_PATH "/Encounter?%.*s", (int)strcspn(at, "\""), at);
    return auth_view_dup(auth_view_from_string(target));
}

static void test_paging_switches(void **state)
{
    static const struct {
        const char *profile;
        int lives_s, status;
        const char *total;
    } rows[] = {
        {"epic", 600, 400, "\"total\":2,"},
        {"epic count_max=1 paging_s=10 paging_status=404", 10, 404, "\"total\":1,"},
        {"epic count_max=2 paging_s=1 paging_status=410", 1, 410, "\"total\":2,"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct support support;
        char advance[64];
        support_init(&support, rows[i].profile);
        char *token = support_token(&support);
        struct support_answer answer =
            support_send(&support, "GET", SUPPORT_FHIR_PATH "/Encounter?patient=eq081-VQEgP8drUUqCWzHfw3&_count=2",
                         token, NULL, NULL);
        assert_non_null(strstr(answer.body, rows[i].total));
        char *next = next_of(answer.body);
        snprintf(advance, sizeof advance, "{\"seconds\":%d}", rows[i].lives_s - 1);
        assert_int_equal(support_admin(&support, "POST", "/mock/clock/advance", advance), 200);
        assert_int_equal(support_get(&support, next, token), 200);
        assert_int_equal(support_admin(&support, "POST", "/mock/clock/advance", "{\"seconds\":1}"), 200);
        assert_int_equal(support_get(&support, next, token), rows[i].status);
        support_answer_clear(&answer);
        free(next);
        free(token);
        support_clear(&support);
    }
}

/* ---- the shape of tokens ---- */

static void test_token_can_look_like_a_jwt(void **state)
{
    struct support support;
    struct auth_jws jws;
    struct auth_err err = {0};
    struct auth_json *doc = NULL;
    struct auth_buf payload, signature;
    (void)state;
    support_init(&support, "epic token_format=jwt");
    char *token = support_token(&support), *second = support_token(&support);
    assert_string_not_equal(token, second);
    assert_in_range(strlen(token), 1040, 1064);
    assert_int_equal(support_get(&support, SUPPORT_PATIENT_PATH, token), 200);
    auth_buf_init(&payload, 4096);
    auth_buf_init(&signature, 4096);
    assert_int_equal(auth_jws_split(auth_view_from_string(token), &jws, &err), AUTH_OK);
    assert_int_equal(auth_b64u_decode(jws.payload, &payload, &err), AUTH_OK);
    assert_int_equal(auth_b64u_decode(jws.signature, &signature, &err), AUTH_OK);
    assert_int_equal(auth_jws_verify(support.instance.shared->token_key, AUTH_RS256, jws.signing_input,
                                     auth_buf_view(&signature), &err),
                     AUTH_OK);
    assert_int_equal(auth_json_parse(auth_buf_view(&payload), &doc, &err), AUTH_OK);
    int64_t exp_s = 0;
    assert_true(auth_json_int(auth_json_member(auth_json_root(doc), "exp"), &exp_s));
    assert_int_equal(exp_s, SUPPORT_NOW_S + 3600);
    expect_introspection(&support, token, second, "{\"active\":true,");
    /* one byte of the padding or the signature changed: another token, which nobody issued */
    size_t last = strlen(token) - 1;
    token[last] = token[last] == 'A' ? 'B' : 'A';
    assert_int_equal(support_get(&support, SUPPORT_PATIENT_PATH, token), 401);
    auth_json_free(doc);
    auth_buf_clear(&signature);
    auth_buf_clear(&payload);
    free(second);
    free(token);
    support_clear(&support);
}

static void test_token_is_opaque_by_default(void **state)
{
    static const char *const profiles[] = {"epic", "smart scope=ignore", "lenient"};
    (void)state;
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        struct support support;
        support_init(&support, profiles[i]);
        char *token = support_token(&support);
        assert_int_equal(strlen(token), 43);
        assert_null(support.instance.shared->token_key);
        free(token);
        support_clear(&support);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_query_token),
        cmocka_unit_test(test_introspection_is_as_recorded),
        cmocka_unit_test(test_introspection_of_foreign_and_expired_tokens),
        cmocka_unit_test(test_introspection_tells_the_tokens_scope),
        cmocka_unit_test(test_discovery),
        cmocka_unit_test(test_paging_switches),
        cmocka_unit_test(test_token_can_look_like_a_jwt),
        cmocka_unit_test(test_token_is_opaque_by_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
