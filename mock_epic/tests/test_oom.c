/* Out of memory in the server: every allocation of a request fails once, alone and with all after it. The answer is then the
 * one that there would have been, or a 5xx; nothing in between. No token for whom it is not, no jti spent on a request that
 * got no token, no half of an app, and the next request is answered as ever. (Leaks: ASan.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"
#include "auth/core/tests/oom.h"
#include "mock_epic/tests/support.h"

enum { ROUNDS_MAX = 20000, BODY_MAX = 1 << 24 };
static const char form_type[] = "application/x-www-form-urlencoded";
static const char introspect_path[] = "/interconnect-fhir-oauth/oauth2/introspect";

static size_t wrong_count; /* rounds of the test that went wrong, each told on standard output */

/* One request, and what must be the same in every answer to it. */
struct work {
    const char *name, *method, *target, *bearer, *type, *body;
    int status;
    const char *part; /* of the body; NULL: the whole body is compared */
    void (*after)(struct support *support, struct work *work,
                  int status); /* looks at what is left behind; may be NULL */
    char *right;               /* the body, when it is compared */
};

static void wrong(const struct work *work, long n, enum oom_mode mode, int status, const char *what)
{
    wrong_count++;
    printf("%s: allocation %ld%s failed, answer %d: %s\n", work->name, n, mode == OOM_ONE ? "" : " and all after it",
           status, what);
}

/* As server.c would send it: a spoiled answer is a bare 500. */
static int dispatch(struct support *support, const struct work *work, long n, enum oom_mode mode, bool *has_failed,
                    char **body)
{
    char authorization[128];
    struct mock_header headers[3] = {{auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")}};
    size_t count = 1;
    struct auth_view query = auth_view_from_string(work->target);
    struct auth_view path = auth_view_split(&query, '?');
    struct mock_response response;
    struct auth_buf bytes;
    if (work->bearer) {
        snprintf(authorization, sizeof authorization, "Bearer %s", work->bearer);
        headers[count++] =
            (struct mock_header){auth_view_from_string("Authorization"), auth_view_from_string(authorization)};
    }
    if (work->type)
        headers[count++] =
            (struct mock_header){auth_view_from_string("Content-Type"), auth_view_from_string(work->type)};
    struct mock_request request = {
        .method = auth_view_from_string(work->method),
        .path = path,
        .query = query,
        .headers = headers,
        .header_count = count,
        .body = auth_view_from_string(work->body),
        .is_loopback_peer = true,
    };
    mock_response_init(&response);
    if (n)
        oom_arm(n, mode);
    mock_dispatch(&support->instance, &request, &response);
    *has_failed = oom_disarm();
    auth_buf_init(&bytes, BODY_MAX);
    mock_response_body(&response, &bytes);
    *body = auth_buf_take(&bytes, NULL);
    bool is_spoiled = response.is_spoiled || !auth_buf_ok(&response.text);
    int status = is_spoiled ? 500 : response.status;
    mock_response_clear(&response);
    auth_buf_clear(&bytes);
    return status;
}

static bool is_right(const struct work *work, int status, const char *body)
{
    if (status != work->status)
        return false;
    return work->part ? strstr(body, work->part) != NULL : strcmp(body, work->right) == 0;
}

static void fail_each(struct support *support, struct work *work, enum oom_mode mode)
{
    bool has_failed = true;
    long n = 0;
    while (has_failed && n < ROUNDS_MAX) {
        char *body;
        n += oom_step(n);
        int status = dispatch(support, work, n, mode, &has_failed, &body);
        if (!is_right(work, status, body) && !(has_failed && status >= 500))
            wrong(work, n, mode, status, body);
        size_t before = wrong_count;
        if (work->after)
            work->after(support, work, status);
        if (wrong_count > before)
            printf("    ... after allocation %ld%s failed\n", n, mode == OOM_ONE ? "" : " and all after it");
        free(body);
    }
    assert_true(n > 1 && n < ROUNDS_MAX);
}

static void do_work(struct support *support, struct work *work)
{
    bool has_failed;
    int status = dispatch(support, work, 0, OOM_ONE, &has_failed, &work->right);
    if (status != work->status)
        fail_msg("%s: %d %s", work->name, status, work->right);
    if (work->after)
        work->after(support, work, status);
    fail_each(support, work, OOM_ONE);
    fail_each(support, work, OOM_ON_END);
    free(work->right);
}

static int set_up(void **state)
{
    struct support *support = malloc(sizeof *support);
    assert_non_null(support);
    support_init(support, "epic");
    wrong_count = 0;
    *state = support;
    return 0;
}

static int tear_down(void **state)
{
    support_clear(*state);
    free(*state);
    return 0;
}

static size_t stored(struct support *support, enum mock_store_kind kind)
{
    return support->instance.store->ops->count(support->instance.store, kind);
}

static void forget(struct support *support, enum mock_store_kind kind)
{
    assert_int_equal(support->instance.store->ops->clear(support->instance.store, kind), AUTH_OK);
}

static int status_of(struct support *support, const char *method, const char *target, const char *bearer,
                     const char *body)
{
    struct support_answer answer = support_send(support, method, target, bearer, body ? form_type : NULL, body);
    int status = answer.status;
    support_answer_clear(&answer);
    return status;
}

/* ---- tokens ---- */

/* Either there is a token and its jti is spent, or there is none and it is not. */
static void after_grant(struct support *support, struct work *work, int status)
{
    bool is_granted = status == 200;
    if (stored(support, MOCK_STORE_TOKEN) != is_granted || stored(support, MOCK_STORE_JTI) != is_granted) {
        wrong_count++;
        printf("%s: answer %d, and %zu tokens and %zu jti in the store\n", work->name, status,
               stored(support, MOCK_STORE_TOKEN), stored(support, MOCK_STORE_JTI));
    }
    if (status_of(support, "POST", SUPPORT_TOKEN_PATH, NULL, work->body) != (is_granted ? 400 : 200)) {
        wrong_count++;
        printf("%s: answer %d, and the same assertion again is %s\n", work->name, status,
               is_granted ? "granted" : "refused");
    }
    forget(support, MOCK_STORE_TOKEN);
    forget(support, MOCK_STORE_JTI);
}

static void test_oom_token_granted(void **state)
{
    char *form = support_new_form("oom", SUPPORT_NOW_S + 60);
    struct work work = {"token granted", "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form, 200, "\"access_token\": \"",
                        after_grant,     NULL};
    do_work(*state, &work);
    free(form);
    assert_int_equal(wrong_count, 0);
}

static void after_refusal(struct support *support, struct work *work, int status)
{
    if (stored(support, MOCK_STORE_TOKEN) || stored(support, MOCK_STORE_JTI)) {
        wrong_count++;
        printf("%s: answer %d, and something was stored\n", work->name, status);
    }
    forget(support, MOCK_STORE_TOKEN);
    forget(support, MOCK_STORE_JTI);
}

static void test_oom_token_refused(void **state)
{
    static const char *const fixtures[] = {"n_signature_flipped", "n_exp_in_an_hour", "n_client_unknown",
                                           "n_payload_duplicate", "n_base64_padding"};
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        char *form = support_form(fixtures[i]);
        struct work work = {fixtures[i], "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form,
                            400,         NULL,   after_refusal,      NULL};
        do_work(*state, &work);
        free(form);
    }
    struct work work = {"bad form", "POST", SUPPORT_TOKEN_PATH, NULL, form_type, "a=+&b=%zz",
                        400,        NULL,   after_refusal,      NULL};
    do_work(*state, &work);
    assert_int_equal(wrong_count, 0);
}

static void test_oom_replay_stays_refused(void **state)
{
    char *form = support_new_form("oom-replay", SUPPORT_NOW_S + 60);
    assert_int_equal(status_of(*state, "POST", SUPPORT_TOKEN_PATH, NULL, form), 200);
    struct work work = {"replay", "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form, 400, NULL, NULL, NULL};
    do_work(*state, &work);
    free(form);
    assert_int_equal(stored(*state, MOCK_STORE_TOKEN), 1);
    assert_int_equal(wrong_count, 0);
}

/* ---- what a token opens ---- */

static void test_oom_fhir_and_introspection(void **state)
{
    char *token = support_token(*state), form[128], next[256];
    snprintf(form, sizeof form, "token=%s&x=+", token);
    struct support_answer first = support_send(*state, "GET",
                                               SUPPORT_FHIR_PATH "/Observation?patient=erXuFYUfucBZaryVksYEcMg3"
                                                                 "&category=vital-signs&_count=1",
                                               token, NULL, NULL);
    const char *link = strstr(first.body, "sessionID=");
    assert_non_null(link);
    snprintf(next, sizeof next, "%s/Observation?%.*s", SUPPORT_FHIR_PATH, (int)strcspn(link, "\""), link);
    support_answer_clear(&first);
    struct work works[] = {
        {"read", "GET", SUPPORT_FHIR_PATH "/Patient/erXuFYUfucBZaryVksYEcMg3", token, NULL, NULL, 200, NULL, NULL,
         NULL},
        {"unknown id", "GET", SUPPORT_FHIR_PATH "/Patient/nobody", token, NULL, NULL, 404, NULL, NULL, NULL},
        {"search", "GET", SUPPORT_FHIR_PATH "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=vital%2Dsigns",
         token, NULL, NULL, 200, NULL, NULL, NULL},
        {"search, first page", "GET",
         SUPPORT_FHIR_PATH "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=vital-signs&_count=2", token, NULL,
         NULL, 200, "<relation value=\"next\" />", NULL, NULL},
        {"search, next page", "GET", next, token, NULL, NULL, 200, NULL, NULL, NULL},
        {"search by POST", "POST", SUPPORT_FHIR_PATH "/Patient/_search", token, form_type,
         "_id=%65rXuFYUfucBZaryVksYEcMg3", 200, NULL, NULL, NULL},
        {"search as JSON", "GET", SUPPORT_FHIR_PATH "/Patient?_id=erXuFYUfucBZaryVksYEcMg3&_format=js%6Fn", token, NULL,
         NULL, 200, NULL, NULL, NULL},
        {"search, refused", "GET", SUPPORT_FHIR_PATH "/Patient?family=a%20b&birthdate=x", token, NULL, NULL, 400, NULL,
         NULL, NULL},
        {"includes", "GET",
         SUPPORT_FHIR_PATH "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_include=*&_revinclude=Provenance:target",
         token, NULL, NULL, 200, NULL, NULL, NULL},
        {"bad search", "GET", SUPPORT_FHIR_PATH "/Patient?family=%zz", token, NULL, NULL, 400, NULL, NULL, NULL},
        {"metadata", "GET", SUPPORT_FHIR_PATH "/metadata", NULL, NULL, NULL, 200, NULL, NULL, NULL},
        {"smart-configuration", "GET", SUPPORT_FHIR_PATH "/.well-known/smart-configuration", NULL, NULL, NULL, 200,
         NULL, NULL, NULL},
        {"without token", "GET", SUPPORT_FHIR_PATH "/Patient/erXuFYUfucBZaryVksYEcMg3", NULL, NULL, NULL, 401, NULL,
         NULL, NULL},
        {"introspection", "POST", introspect_path, token, form_type, form, 200, NULL, NULL, NULL},
        {"introspection of another", "POST", introspect_path, token, form_type, "token=x", 200, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        do_work(*state, &works[i]);
    free(token);
    assert_int_equal(wrong_count, 0);
}

/* The same of FHIR R4's searches. */
static void test_oom_fhir_r4(void **state)
{
    struct support *support = *state;
    char *token = support_token(support);
    support->instance.profile.values[AUTH_SWITCH_FHIR] = 1;
    struct work works[] = {
        {"read", "GET", SUPPORT_FHIR_PATH "/Patient/erXuFYUfucBZaryVksYEcMg3", token, NULL, NULL, 200, NULL, NULL,
         NULL},
        {"no type", "GET", SUPPORT_FHIR_PATH "/Nonsense", token, NULL, NULL, 404, NULL, NULL, NULL},
        {"page", "GET", SUPPORT_FHIR_PATH "/Patient?_count=2&name:contains=a&x=1", token, NULL, NULL, 200,
         "_cursor=", NULL, NULL},
        {"sorted", "GET", SUPPORT_FHIR_PATH "/Patient?_sort=-birthdate,family&_elements=name", token, NULL, NULL, 200,
         "SUBSETTED", NULL, NULL},
        {"ids", "GET", SUPPORT_FHIR_PATH "/Patient?_id=erXuFYUfucBZaryVksYEcMg3,x&gender:not=male", token, NULL, NULL,
         200, NULL, NULL, NULL},
        {"refused", "GET", SUPPORT_FHIR_PATH "/Patient?gender:below=x", token, NULL, NULL, 400, NULL, NULL, NULL},
        {"joined", "POST", SUPPORT_FHIR_PATH "/Patient/_search?family=L", token, form_type, "gender=%66emale", 200,
         NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        do_work(support, &works[i]);
    free(token);
    assert_int_equal(wrong_count, 0);
}

/* Without memory for a closer look at it, the journal shows less, never the token. */
static void after_secret(struct support *support, struct work *work, int status)
{
    struct support_answer answer = support_send(support, "GET", "/mock/journal?limit=2", NULL, NULL, NULL);
    (void)status;
    if (strstr(answer.body, work->bearer)) {
        wrong_count++;
        printf("%s: the journal shows the token: %s\n", work->name, answer.body);
    }
    support_answer_clear(&answer);
}

static void test_oom_token_in_odd_places(void **state)
{
    char *token = support_token(*state), path[256], body[256];
    snprintf(path, sizeof path, "/nowhere/%s?x=a+b%%20c", token);
    snprintf(body, sizeof body, "grant_type=%s", token);
    struct work works[] = {
        {"token in the path", "GET", path, token, NULL, NULL, 404, NULL, after_secret, NULL},
        {"token in the form", "POST", SUPPORT_TOKEN_PATH, token, form_type, body, 401, "\"error\"", after_secret, NULL},
    };
    works[1].status = status_of(*state, "POST", SUPPORT_TOKEN_PATH, token, body);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        do_work(*state, &works[i]);
    free(token);
    assert_int_equal(wrong_count, 0);
}

/* ---- registration ---- */

static char *app_json(const char *key_member, const char *fixture, bool is_text)
{
    char path[512];
    struct auth_buf key, json;
    struct auth_json_writer w;
    auth_buf_init(&key, BODY_MAX);
    auth_buf_init(&json, BODY_MAX);
    snprintf(path, sizeof path, "%s/keys/%s", EPIC_FIXTURES_DIR, fixture);
    assert_int_equal(auth_file_read(path, &key, NULL), AUTH_OK);
    auth_json_writer_init(&w, &json, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "client_id", "oom-app");
    auth_json_write_member_text(&w, "name", "App");
    auth_json_write_key(&w, "scopes");
    auth_json_write_raw(&w, auth_view_from_string("[\"system/Patient.r\",\"system/Observation.s\"]"));
    auth_json_write_key(&w, key_member);
    if (is_text)
        auth_json_write_string(&w, auth_buf_view(&key));
    else
        auth_json_write_raw(&w, auth_buf_view(&key));
    auth_json_write_end_object(&w);
    char *text = auth_buf_take(&json, NULL);
    assert_non_null(text);
    auth_buf_clear(&key);
    return text;
}

/* The app is there as a whole, or not at all. */
static void after_registration(struct support *support, struct work *work, int status)
{
    struct support_answer answer = support_send(support, "GET", "/mock/apps/oom-app", NULL, NULL, NULL);
    bool is_whole = answer.status == 200 && work->status == 201 && strcmp(answer.body, work->right) == 0;
    bool is_absent = answer.status == 404;
    if (!(is_whole || (is_absent && status != 201))) {
        wrong_count++;
        printf("%s: answer %d, and asked for the app: %d %s\n", work->name, status, answer.status, answer.body);
    }
    support_answer_clear(&answer);
    (void)status_of(support, "DELETE", "/mock/apps/oom-app", NULL, NULL);
}

static void test_oom_registration(void **state)
{
    static const struct {
        const char *name, *member, *fixture;
        bool is_text;
        int status;
    } rows[] = {
        {"certificate", "certificate", "rsa2048_b.cert.pem", true, 201},
        {"JWK Set", "jwks", "ab.jwks.json", false, 201},
        {"JWK Set as text", "jwks", "ab.jwks.json", true, 201},
        {"public key", "certificate", "rsa2048_a.pub.pem", true, 422},
        {"weak certificate", "certificate", "rsa1024_a.cert.pem", true, 422},
        {"private JWK Set", "jwks", "private.jwks.json", false, 422},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *body = app_json(rows[i].member, rows[i].fixture, rows[i].is_text);
        struct work work = {rows[i].name,   "POST", "/mock/apps",       NULL, "application/json", body,
                            rows[i].status, NULL,   after_registration, NULL};
        do_work(*state, &work);
        free(body);
    }
    assert_int_equal(wrong_count, 0);
}

/* ---- the rest of the admin API ---- */

static void test_oom_admin(void **state)
{
    char *form = support_form("n_exp_string"), *good = support_form("y_plain"), *token = support_token(*state);
    const char *jwt = strstr(good, "client_assertion=") + strlen("client_assertion=");
    assert_int_equal(status_of(*state, "POST", SUPPORT_TOKEN_PATH, NULL, form), 400);
    struct work works[] = {
        {"apps", "GET", "/mock/apps", NULL, NULL, NULL, 200, NULL, NULL, NULL},
        /* the offset is from the real time, which does not stand still */
        {"clock", "GET", "/mock/clock", NULL, NULL, NULL, 200, "\"now_rfc3339\":\"2026-09-21T14:13:20Z\"", NULL, NULL},
        {"set clock", "PUT", "/mock/clock", NULL, NULL, "{\"now\":1790000000,\"frozen\":true}", 200,
         "\"rate\":1,\"frozen\":true}", NULL, NULL},
        {"tokens", "GET", "/mock/tokens", NULL, NULL, NULL, 200, NULL, NULL, NULL},
        {"age by nothing", "POST", "/mock/tokens/age", NULL, NULL, "{\"seconds\":0}", 200, NULL, NULL, NULL},
        {"journal", "GET", "/mock/journal?kind=token&limit=1%30", NULL, NULL, NULL, 200, NULL, NULL, NULL},
        {"journal entry", "GET", "/mock/journal/%31", NULL, NULL, NULL, 200, NULL, NULL, NULL},
        {"judging", "POST", "/mock/jwt/check", NULL, NULL, jwt, 200, NULL, NULL, NULL},
        {"unknown", "GET", "/mock/nothing", NULL, NULL, NULL, 404, NULL, NULL, NULL},
        {"reset", "POST", "/mock/reset", NULL, NULL, "{\"what\":[\"jti\",\"apps\"]}", 200, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        do_work(*state, &works[i]);
    assert_int_equal(status_of(*state, "POST", SUPPORT_TOKEN_PATH, NULL, good), 200);
    free(token);
    free(good);
    free(form);
    assert_int_equal(wrong_count, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_oom_token_granted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oom_token_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oom_replay_stays_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oom_fhir_r4, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oom_fhir_and_introspection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oom_token_in_odd_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oom_registration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oom_admin, set_up, tear_down),
    };
    oom_init();
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
