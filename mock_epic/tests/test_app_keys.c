/* Keys as they are registered: which are taken in which profile, and what is said of those that are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/tests/support.h"

static const char form_type[] = "application/x-www-form-urlencoded";

/* Register fixtures/keys/<file> with its line ends as `line_end`. */
static struct support_answer post(struct support *support, const char *id, const char *file, const char *line_end)
{
    char path[128];
    struct auth_buf text, key, json;
    struct auth_json_writer w;
    snprintf(path, sizeof path, "keys/%s", file);
    support_read_fixture(path, &text);
    auth_buf_init(&key, 1 << 18);
    for (struct auth_view rest = auth_view_trim(auth_buf_view(&text)); rest.n;) {
        auth_buf_add_view(&key, auth_view_split(&rest, '\n'));
        auth_buf_add_string(&key, rest.n ? line_end : "\n");
    }
    auth_buf_init(&json, 1 << 18);
    auth_json_writer_init(&w, &json, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "client_id", id);
    auth_json_write_member_buf(&w, strstr(file, ".pem") ? "certificate" : "jwks", &key);
    auth_json_write_end_object(&w);
    struct support_answer answer = support_send(support, "POST", "/mock/apps", NULL, "application/json", json.p);
    auth_buf_clear(&json);
    auth_buf_clear(&key);
    auth_buf_clear(&text);
    return answer;
}

static void test_odd_keys_are_warned_of(void **state)
{
    static const struct {
        const char *file, *line_end;
        const char *says; /* NULL: nothing but what is said of every uploaded key */
    } rows[] = {
        {"rsa2048_a.cert.pem", "\n", NULL},
        {"rsa2048_a.cert.pem", "\r\n", NULL},
        {"rsa2048_a.cert.pem", "", "in one line"},
        {"rsa2048_a.cert.pem", "\n    ", "indented"},
        {"rsa2048_a.cert.pem", "\\n", "line ends of the PEM text"},
        {"ab.jwks.json", "\n", NULL},
        {"ab.jwks.json", "", NULL},
        {"dup_kid.jwks.json", "\n", "key 2 (kid \\\"key-a\\\") has kid and kty of key 1"},
        {"rsa2048_a.jwk.json", "\n", "a single JWK"},
    };
    struct support support;
    (void)state;
    support_init(&support, "epic");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char id[32];
        snprintf(id, sizeof id, "app-%zu", i);
        struct support_answer answer = post(&support, id, rows[i].file, rows[i].line_end);
        const char *warnings = strstr(answer.body, "\"warnings\":[");
        assert_int_equal(answer.status, 201);
        assert_non_null(warnings);
        bool is_odd = strstr(warnings, "PEM text") || strstr(warnings, "key 1") || strstr(warnings, "key 2") ||
                      strstr(warnings, "single JWK");
        if (rows[i].says ? !strstr(warnings, rows[i].says) : is_odd)
            fail_msg("%s, row %zu: %s", rows[i].file, i, warnings);
        support_answer_clear(&answer);
    }
    support_clear(&support);
}

/* Epic takes no EC key that is uploaded; SMART has a server take both kinds in both ways. */
static void test_static_ec_keys_by_profile(void **state)
{
    static const struct {
        const char *profile, *file, *key, *alg;
        int registered, status;
    } rows[] = {
        {"epic", "p384_a.jwks.json", "p384_a", "ES384", 422, 0},
        {"epic", "p384_a.cert.pem", "p384_a", "ES384", 422, 0},
        {"epic", "mixed_all.jwks.json", "p384_a", "ES384", 422, 0},
        {"smart scope=ignore", "p384_a.jwks.json", "p384_a", "ES384", 201, 200},
        {"smart scope=ignore", "p384_a.cert.pem", "p384_a", "ES384", 201, 200},
        {"smart scope=ignore", "p256_a.jwks.json", "p256_a", "ES256", 201, 400}, /* RS384 and ES384 alone */
        {"smart scope=ignore algorithms=all", "p256_a.jwks.json", "p256_a", "ES256", 201, 200},
        {"smart algorithms=epic", "p384_a.jwks.json", "p384_a", "ES384", 422, 0},
        {"lenient", "p256_a.jwks.json", "p256_a", "ES256", 201, 200},
        {"lenient", "p384_a.jwks.json", "p384_a", "ES384", 201, 200},
        {"epic algorithms=all", "p384_a.jwks.json", "p384_a", "ES384", 201, 200},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct support support;
        char header[128];
        support_init(&support, rows[i].profile);
        struct support_answer answer = post(&support, "ec", rows[i].file, "\n");
        if (answer.status != rows[i].registered)
            fail_msg("%s, %s: %d %s", rows[i].profile, rows[i].file, answer.status, answer.body);
        assert_true(answer.status == 201 || strstr(answer.body, "Epic takes EC keys only through a JWK Set URL"));
        support_answer_clear(&answer);
        snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"key-ec\"}", rows[i].alg);
        char *form = support_signed_form("ec", rows[i].key, header, SUPPORT_NOW_S + 60);
        answer = support_send(&support, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
        if (rows[i].status && answer.status != rows[i].status)
            fail_msg("%s, %s: %d %s", rows[i].profile, rows[i].file, answer.status, answer.body);
        assert_null(strstr(answer.body, "JWK Set URL at Epic"));
        support_answer_clear(&answer);
        free(form);
        support_clear(&support);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_odd_keys_are_warned_of),
        cmocka_unit_test(test_static_ec_keys_by_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
