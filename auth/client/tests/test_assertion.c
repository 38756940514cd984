/* What the client sends to the token endpoint, byte by byte, and what it does about a clock that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/tests/support.h"
#include "auth/core/json.h"

static int64_t claim(const char *form, const char *name)
{
    struct auth_buf json;
    struct auth_json *doc = NULL;
    int64_t value = -1;
    script_jwt_part(form, 1, &json);
    assert_int_equal(auth_json_parse(auth_buf_view(&json), &doc, NULL), AUTH_OK);
    (void)auth_json_int(auth_json_member(auth_json_root(doc), name), &value);
    auth_json_free(doc);
    auth_buf_clear(&json);
    return value;
}

static void assert_form(const char *form, const char *rest)
{
    static const char before[] =
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A"
        "jwt-bearer&client_assertion=";
    assert_int_equal(strncmp(form, before, strlen(before)), 0);
    const char *jwt = form + strlen(before);
    size_t n = strspn(jwt, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    assert_int_equal(n > 300, 1);
    assert_string_equal(jwt + n, rest);
}

static void test_the_form_is_exactly_this(void **state)
{
    static const struct step steps[] = {{GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))}};
    static const struct epic_auth_options scoped = {.size = sizeof scoped, .scopes = "system/Patient.rs system/*.r"};
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "t");
    assert_form(script.form[0], "");
    epic_auth_free(auth);
    auth = script_start(&script, steps, 1, &scoped);
    expect_token(auth, "t");
    assert_form(script.form[0], "&scope=system%2FPatient.rs%20system%2F%2A.r");
    epic_auth_free(auth);
}

static void test_header_and_claims_are_exactly_these(void **state)
{
    static const struct step steps[] = {{GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))}};
    static const char claims[] = "{\"iss\":\"me\",\"sub\":\"me\",\"aud\":\"" TOKEN_URL "\",\"jti\":\"";
    static const struct epic_auth_options odd = {
        .size = sizeof odd, .key_id = "a+b/c=\" \xc3\xa9", .jku = "https://keys.example/jwks"};
    static const struct epic_auth_options bare = {.size = sizeof bare, .key_id = ""};
    struct script script;
    struct auth_buf json;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "t");
    script_jwt_part(script.form[0], 0, &json);
    char wanted[256];
    snprintf(wanted, sizeof wanted, "{\"alg\":\"RS384\",\"typ\":\"JWT\",\"kid\":\"%s\"}",
             auth_key_thumbprint(auth->key));
    assert_string_equal(json.p, wanted);
    auth_buf_clear(&json);
    script_jwt_part(script.form[0], 1, &json);
    assert_int_equal(strncmp(json.p, claims, strlen(claims)), 0);
    assert_string_equal(json.p + strlen(claims) + 36, "\",\"exp\":1790000240,\"iat\":1789999990}");
    auth_buf_clear(&json);
    epic_auth_free(auth);

    auth = script_start(&script, steps, 1, &odd); /* a kid is opaque */
    expect_token(auth, "t");
    script_jwt_part(script.form[0], 0, &json);
    assert_string_equal(json.p, "{\"alg\":\"RS384\",\"typ\":\"JWT\",\"kid\":\"a+b/c=\\\" \xc3\xa9\","
                                "\"jku\":\"https://keys.example/jwks\"}");
    auth_buf_clear(&json);
    epic_auth_free(auth);

    auth = script_start(&script, steps, 1, &bare);
    expect_token(auth, "t");
    script_jwt_part(script.form[0], 0, &json);
    assert_string_equal(json.p, "{\"alg\":\"RS384\",\"typ\":\"JWT\"}");
    auth_buf_clear(&json);
    epic_auth_free(auth);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct maker {
    pthread_t thread;
    struct epic_auth *auth;
    char *jtis[100];
};

static void *make_assertions(void *ctx)
{
    struct maker *maker = ctx;
    for (size_t i = 0; i < sizeof maker->jtis / sizeof *maker->jtis; i++) {
        struct auth_buf jwt, json;
        auth_buf_init_secret(&jwt, 32768);
        auth_buf_add_string(&jwt, "client_assertion=");
        if (auth_assertion_make(maker->auth, 0, &jwt, NULL) != AUTH_OK)
            return NULL;
        script_jwt_part(jwt.p, 1, &json);
        char *jti = strstr(json.p, "\"jti\":\"") + 7;
        maker->jtis[i] = auth_view_dup(auth_view_bytes(jti, 36));
        auth_buf_clear(&json);
        auth_buf_clear(&jwt);
    }
    return NULL;
}

static void test_no_two_assertions_share_a_jti(void **state)
{
    enum { THREADS = 4, EACH = 100 };
    struct maker makers[THREADS];
    char *all[THREADS * EACH];
    struct script script;
    (void)state;
    struct epic_auth *auth = script_start(&script, NULL, 0, NULL);
    for (int i = 0; i < THREADS; i++) {
        makers[i].auth = auth;
        assert_int_equal(pthread_create(&makers[i].thread, NULL, make_assertions, &makers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(makers[i].thread, NULL);
        memcpy(all + (size_t)i * EACH, makers[i].jtis, sizeof makers[i].jtis);
    }
    qsort(all, THREADS * EACH, sizeof *all, compare);
    for (int i = 1; i < THREADS * EACH; i++)
        assert_string_not_equal(all[i - 1], all[i]);
    for (int i = 0; i < THREADS * EACH; i++)
        free(all[i]);
    epic_auth_free(auth);
}

/* ---- clocks that disagree ---- */

static void test_a_wrong_clock_is_corrected_once_and_remembered(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 400, REFUSAL), .date_s = 1790003600 + 5, .takes_ms = 10000},
        {GIVES(TOKEN_URL, 200, TOKEN("one", "3600")), .date_s = 1790003620},
        {GIVES(TOKEN_URL, 200, TOKEN("two", "3600"))},
    };
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    assert_int_equal(claim(script.form[0], "exp"), 1790000240);
    assert_int_equal(claim(script.form[1], "exp"), 1790000010 + 3600 + 240); /* Date minus the middle of the request */
    assert_int_equal(claim(script.form[1], "iat"), 1790000010 + 3600 - 10);
    epic_auth_token_drop(auth);
    expect_token(auth, "two");
    assert_int_equal(claim(script.form[2], "exp"), 1790000010 + 3600 + 240);
    epic_auth_free(auth);
}

static void test_a_refusal_that_correcting_does_not_cure_says_so(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 401, REFUSAL), .date_s = 1789999000},
        {GIVES(TOKEN_URL, 401, REFUSAL), .date_s = 1789999000},
    };
    struct script script;
    struct epic_auth_error error;
    const char *text;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_OAUTH);
    assert_int_equal(script.at, 2);
    assert_int_equal(error.clock_offset_s, -1000);
    assert_ptr_equal(strstr(error.message, "your clock is 1000 s ahead of the server's (Date); "), error.message);
    assert_non_null(strstr(error.message, "was refused too"));
    assert_int_equal(atomic_load(&auth->offset_s), 0); /* a correction that did not help is not kept */
    epic_auth_free(auth);
}

/* iat is 10 s back, so what is beyond that is refused for its iat; Date counts whole seconds, so a little before is tried. */
static void test_a_clock_beyond_the_back_dating_is_a_reason_to_sign_again(void **state)
{
    static const struct {
        int64_t offset_s;
        size_t requests;
        const char *first; /* of the message; NULL: no word on clocks */
    } rows[] = {{8, 1, NULL},
                {9, 2, NULL},
                {10, 2, NULL},
                {11, 2, "your clock is 11 s behind the server's (Date); "},
                {3600, 2, "your clock is 3600 s behind the server's (Date); "},
                {-8, 1, NULL},
                {-9, 2, NULL},
                {-10, 2, NULL},
                {-11, 2, "your clock is 11 s ahead of the server's (Date); "},
                {-30, 2, "your clock is 30 s ahead of the server's (Date); "},
                {0, 1, NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t date_s = 1790000000 + rows[i].offset_s;
        const struct step steps[] = {{GIVES(TOKEN_URL, 400, REFUSAL), .date_s = date_s},
                                     {GIVES(TOKEN_URL, 400, REFUSAL), .date_s = date_s}};
        struct script script;
        struct epic_auth_error error;
        const char *text;
        struct epic_auth *auth = START(&script, steps);
        assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_OAUTH);
        assert_int_equal(script.at, rows[i].requests);
        if (rows[i].first ? strstr(error.message, rows[i].first) != error.message
                          : strstr(error.message, "clock") != NULL)
            fail_msg("%lld: %s", (long long)rows[i].offset_s, error.message);
        epic_auth_free(auth);
    }
}

static void test_no_date_says_nothing_of_the_clock(void **state)
{
    static const struct step steps[] = {{GIVES(TOKEN_URL, 400, REFUSAL)}};
    struct script script;
    struct epic_auth_error error;
    const char *text;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_OAUTH);
    assert_int_equal(script.at, 1);
    assert_null(strstr(error.message, "clock"));
    epic_auth_free(auth);
}

/* The correction is told once, and again when it changes: somebody set the clock right. A busy answer in between gives each
 * attempt its own correction. */
static void test_corrections_are_told(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 400, REFUSAL), .date_s = 1789999980},
        {GIVES(TOKEN_URL, 503, ""), .date_s = 1789999980},
        {GIVES(TOKEN_URL, 400, REFUSAL), .date_s = 1790000100},
        {GIVES(TOKEN_URL, 200, TOKEN("one", "3600")), .date_s = 1790000100},
        {GIVES(TOKEN_URL, 200, TOKEN("two", "3600")), .date_s = 1790000100},
    };
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    const char *told = strstr(script.events, "your clock is 100 s behind the server's (Date); assertions are made by");
    assert_non_null(told);
    assert_non_null(strstr(script.events, "the server's Date is -20 s from this clock"));
    epic_auth_token_drop(auth);
    expect_token(auth, "two");
    assert_null(strstr(told + 1, "your clock"));
    assert_int_equal(claim(script.form[4], "iat"), 1790000000 + 100 - 10);
    epic_auth_free(auth);
}

/* ---- options ---- */

static void test_an_older_program_has_a_shorter_options_struct(void **state)
{
    struct epic_auth_options options = {.client_id = "me",
                                        .token_url = TOKEN_URL,
                                        .private_key_path = EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem",
                                        .env_file = "",
                                        .call_timeout_ms = 1};
    struct epic_auth *auth = NULL;
    struct epic_auth_error error;
    (void)state;
    assert_int_equal(epic_auth_new(&options, &auth, &error), EPIC_AUTH_E_ARGUMENT); /* size forgotten */
    options.size = offsetof(struct epic_auth_options, call_timeout_ms);
    assert_int_equal(epic_auth_new(&options, &auth, &error), EPIC_AUTH_OK);
    assert_int_equal(auth->call_timeout_ms, 35000);
    epic_auth_free(auth);
}

static void test_a_size_that_no_version_has_is_refused(void **state)
{
    static const size_t bad[] = {
        1,    12,       16,          sizeof(struct epic_auth_options) - 1, sizeof(struct epic_auth_options) + 4,
        4104, SIZE_MAX, SIZE_MAX - 7};
    union {
        struct epic_auth_options options;
        char bytes[sizeof(struct epic_auth_options) + 64];
    } newer;
    struct epic_auth *auth = NULL;
    struct epic_auth_error error;
    (void)state;
    memset(&newer, 0, sizeof newer);
    newer.options.client_id = "me";
    newer.options.token_url = TOKEN_URL;
    newer.options.private_key_path = EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem";
    newer.options.env_file = "";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        newer.options.size = bad[i];
        assert_int_equal(epic_auth_new(&newer.options, &auth, &error), EPIC_AUTH_E_ARGUMENT);
        assert_null(auth);
    }
    newer.options.size = sizeof newer;
    assert_int_equal(epic_auth_new(&newer.options, &auth, &error), EPIC_AUTH_OK); /* nothing in it is set */
    epic_auth_free(auth);
    newer.bytes[sizeof newer - 1] = 1;
    assert_int_equal(epic_auth_new(&newer.options, &auth, &error), EPIC_AUTH_E_ARGUMENT);
    newer.options.size = sizeof newer - sizeof(void *);
    assert_int_equal(epic_auth_new(&newer.options, &auth, NULL), EPIC_AUTH_OK); /* that byte is not in it */
    epic_auth_free(auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_form_is_exactly_this),
        cmocka_unit_test(test_header_and_claims_are_exactly_these),
        cmocka_unit_test(test_no_two_assertions_share_a_jti),
        cmocka_unit_test(test_a_wrong_clock_is_corrected_once_and_remembered),
        cmocka_unit_test(test_a_refusal_that_correcting_does_not_cure_says_so),
        cmocka_unit_test(test_a_clock_beyond_the_back_dating_is_a_reason_to_sign_again),
        cmocka_unit_test(test_no_date_says_nothing_of_the_clock),
        cmocka_unit_test(test_corrections_are_told),
        cmocka_unit_test(test_an_older_program_has_a_shorter_options_struct),
        cmocka_unit_test(test_a_size_that_no_version_has_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
