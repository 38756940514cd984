/* The journal never shows a live token or an assertion: put into every place of a request, in every spelling, neither is found
 * in the whole of it. And what is no secret stays readable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/b64u.h"
#include "auth/core/redact.h"
#include "auth/core/text.h"
#include "mock_epic/state/redaction.h"
#include "mock_epic/state/tokens.h"
#include "mock_epic/tests/support.h"

/* ---- spellings ---- */

static void percent(struct auth_buf *out, const char *secret, const char *mark, bool upper)
{
    for (; *secret; secret++) {
        auth_buf_add_string(out, mark);
        auth_text_hex(out, secret, 1, upper);
    }
}

static void spell_plain(struct auth_buf *out, const char *secret)
{
    auth_buf_add_string(out, secret);
}

static void spell_percent(struct auth_buf *out, const char *secret)
{
    percent(out, secret, "%", true);
}

static void spell_percent_lower(struct auth_buf *out, const char *secret)
{
    percent(out, secret, "%", false);
}

static void spell_percent_twice(struct auth_buf *out, const char *secret)
{
    percent(out, secret, "%25", true);
}

static void spell_one_percent(struct auth_buf *out, const char *secret)
{
    auth_buf_addf(out, "%.*s", 20, secret);
    auth_buf_addf(out, "%%%02X%s", (unsigned)(unsigned char)secret[20], secret + 21);
}

static void spell_glued(struct auth_buf *out, const char *secret)
{
    auth_buf_addf(out, "xY9%sz_8", secret);
}

static void spell_dotted(struct auth_buf *out, const char *secret)
{
    auth_buf_addf(out, "a.%s.b", secret);
}

static void spell_split(struct auth_buf *out, const char *secret)
{
    auth_buf_addf(out, "%.*s%%0A%s", 13, secret, secret + 13);
}

static void spell_nul(struct auth_buf *out, const char *secret)
{
    auth_buf_addf(out, "%.*s%%00%s", 20, secret, secret + 20);
}

static void spell_plus(struct auth_buf *out, const char *secret)
{
    auth_buf_addf(out, "%.*s+%s", 13, secret, secret + 13);
}

static void spell_bearer(struct auth_buf *out, const char *secret)
{
    auth_buf_addf(out, "Bearer%%20%s", secret);
}

static void spell_base64(struct auth_buf *out, const char *secret)
{
    auth_b64u_encode(out, secret, strlen(secret));
}

static void spell_base64_of_more(struct auth_buf *out, const char *secret)
{
    char text[2048];
    int n = snprintf(text, sizeof text, "user:%s", secret);
    auth_b64u_encode(out, text, (size_t)n);
    auth_buf_add_string(out, "%3D%3D");
}

static void spell_hex(struct auth_buf *out, const char *secret)
{
    auth_buf_add_char(out, 'e'); /* so that the digits do not begin where the word does */
    auth_text_hex(out, secret, strlen(secret), false);
}

static void spell_long(struct auth_buf *out, const char *secret)
{
    for (int i = 0; i < 230; i++)
        auth_buf_add_char(out, 'a');
    auth_buf_addf(out, "/%s", secret);
}

static void (*const spellings[])(struct auth_buf *out, const char *secret) = {
    spell_plain,  spell_percent,        spell_percent_lower, spell_percent_twice, spell_one_percent,
    spell_glued,  spell_dotted,         spell_split,         spell_plus,          spell_bearer,
    spell_base64, spell_base64_of_more, spell_long,          spell_hex,           spell_nul,
};
enum { SPELLINGS = sizeof spellings / sizeof *spellings };

/* ---- what may not be there ---- */

static void expect_absent(struct auth_view text, const char *secret, const char *where, const char *how)
{
    if (auth_view_contains(text, secret))
        fail_msg("%s: the journal shows it (%s): %.*s", where, how, (int)(text.n < 6000 ? text.n : 6000), text.p);
}

/* Nor most of it: forty characters of a token are as good as a token. */
static void expect_hidden(struct support *support, const char *secret, const char *where)
{
    struct auth_buf plain, encoded, joined;
    char part[41];
    struct support_answer answer = support_send(support, "GET", "/mock/journal?limit=1000", NULL, NULL, NULL);
    struct auth_view text = auth_view_from_string(answer.body);
    assert_int_equal(answer.status, 200);
    assert_true(text.n > 10);
    auth_buf_init(&plain, text.n);
    auth_buf_init(&encoded, 4096);
    auth_buf_init(&joined, text.n);
    auth_redact_plain(text, &plain, NULL);
    for (size_t i = 0; i < plain.n; i++) {
        if (plain.p[i] != '+')
            auth_buf_add_char(&joined, plain.p[i]);
    }
    auth_b64u_encode(&encoded, secret, strlen(secret));
    snprintf(part, sizeof part, "%s", secret + 2);
    expect_absent(text, part, where, "as it is");
    expect_absent(auth_buf_view(&plain), part, where, "escaped");
    expect_absent(auth_buf_view(&joined), part, where, "split by +");
    encoded.p[50] = '\0';
    expect_absent(auth_buf_view(&plain), encoded.p + 4, where, "base64");
    auth_buf_reset(&encoded);
    auth_text_hex(&encoded, part, 40, false);
    expect_absent(auth_buf_view(&plain), encoded.p, where, "hex");
    auth_buf_clear(&plain);
    auth_buf_clear(&joined);
    auth_buf_clear(&encoded);
    support_answer_clear(&answer);
}

static void request_it(struct support *support, const char *method, const char *target, const struct mock_header *extra,
                       const char *body)
{
    struct auth_view query = auth_view_from_string(target);
    struct mock_header headers[3] = {
        {auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")},
        {auth_view_from_string("Content-Type"), auth_view_from_string("application/x-www-form-urlencoded")}};
    struct mock_response response;
    struct mock_request request = {
        .method = auth_view_from_string(method),
        .headers = headers,
        .header_count = extra ? 3 : 2,
        .body = auth_view_from_string(body),
        .is_loopback_peer = true,
    };
    if (extra)
        headers[2] = *extra;
    request.path = auth_view_split(&query, '?');
    request.query = query;
    mock_response_init(&response);
    mock_dispatch(&support->instance, &request, &response);
    mock_response_clear(&response);
}

/* ---- places: the spelling goes in for the mark ---- */

static const struct {
    const char *method, *target, *header, *body;
} places[] = {
    {"GET", "@", NULL, NULL},
    {"GET", "/@", NULL, NULL},
    {"GET", "/nowhere/@/more", NULL, NULL},
    {"@", SUPPORT_FHIR_PATH "/Patient/x", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient/@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient/x/@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient?@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient?@=1", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient?token=@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient?bearer=@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient?code=@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient?access_token=@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient?ACCESS_TOKEN=@&x=@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Observation?patient=@&category=@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Observation?sessionID=@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Observation?a=1;@;b=2#@", NULL, NULL},
    {"GET", SUPPORT_FHIR_PATH "/Patient/x", "@", NULL},
    {"GET", SUPPORT_FHIR_PATH "/metadata?x=@", NULL, NULL},
    {"POST", SUPPORT_FHIR_PATH "/Patient/_search", "Bearer @", "_id=@"},
    {"POST", "/interconnect-fhir-oauth/oauth2/introspect?token=@", "Bearer @", "token=@"},
    {"POST", SUPPORT_TOKEN_PATH "?x=@", "@", "@"},
    {"POST", SUPPORT_TOKEN_PATH, NULL, "grant_type=@"},
    {"POST", SUPPORT_TOKEN_PATH, NULL, "grant_type=client_credentials&client_assertion_type=@&scope=@"},
    {"POST", SUPPORT_TOKEN_PATH, NULL, "grant_type=client_credentials&@=x&@=y&client_assertion=@"},
    {"POST", SUPPORT_TOKEN_PATH, "Basic @", "client_assertion=@&client_id=@&client_secret=@"},
};

static void fill(char *out, size_t size, const char *pattern, struct auth_view spelling)
{
    struct auth_buf text;
    auth_buf_init(&text, size - 1);
    for (; pattern && *pattern; pattern++) {
        if (*pattern == '@')
            auth_buf_add_view(&text, spelling);
        else
            auth_buf_add_char(&text, *pattern);
    }
    assert_true(auth_buf_ok(&text));
    snprintf(out, size, "%s", text.p ? text.p : "");
    auth_buf_clear(&text);
}

static void put_everywhere(struct support *support, const char *secret)
{
    enum { SIZE = 1 << 16 };
    char *method = malloc(SIZE), *target = malloc(SIZE), *value = malloc(SIZE), *body = malloc(SIZE);
    assert_true(method && target && value && body);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        for (size_t j = 0; j < SPELLINGS; j++) {
            struct auth_buf spelling;
            auth_buf_init(&spelling, SIZE / 4);
            spellings[j](&spelling, secret);
            fill(method, SIZE, places[i].method, auth_buf_view(&spelling));
            fill(target, SIZE, places[i].target, auth_buf_view(&spelling));
            fill(value, SIZE, places[i].header, auth_buf_view(&spelling));
            fill(body, SIZE, places[i].body, auth_buf_view(&spelling));
            struct mock_header header = {auth_view_from_string("Authorization"), auth_view_from_string(value)};
            request_it(support, method, target, places[i].header ? &header : NULL, body);
            header.name = auth_view_from_string("X-Odd");
            request_it(support, method, target, places[i].header ? &header : NULL, body);
            auth_buf_clear(&spelling);
        }
        snprintf(value, SIZE, "%s %s %s", places[i].method, places[i].target, places[i].body ? places[i].body : "");
        expect_hidden(support, secret, value);
        mock_journal_empty(&support->instance.journal);
    }
    free(method);
    free(target);
    free(value);
    free(body);
}

static void test_a_live_token(void **state)
{
    char *token = support_plain_token(*state);
    put_everywhere(*state, token);
    free(token);
}

/* It expired: whoever moves the clock back has a live one again. */
static void test_an_expired_token(void **state)
{
    struct support *support = *state;
    char *token = support_plain_token(support);
    size_t count = 0;
    assert_int_equal(mock_tokens_age(support->instance.store, auth_view_from_string(""), 100000, &count), AUTH_OK);
    put_everywhere(support, token);
    free(token);
}

static void test_an_assertion(void **state)
{
    char *form = support_new_form("redaction", SUPPORT_NOW_S + 60);
    const char *jwt = strstr(form, "client_assertion=") + strlen("client_assertion=");
    char cut[600];
    put_everywhere(*state, jwt);
    snprintf(cut, sizeof cut, "%.*s", (int)(strrchr(jwt, '.') - jwt) + 30, jwt); /* signatures are cut in many logs */
    put_everywhere(*state, cut);
    free(form);
}

/* Inside a signed and an unsigned JWT: in header and claims, escaped as JSON may be. */
static void test_a_token_inside_a_jwt(void **state)
{
    static const char *const headers[] = {"{\"alg\":\"RS384\",\"typ\":\"JWT\",\"kid\":\"%s\"}", "{\"alg\":\"%s\"}",
                                          "{\"alg\":\"RS384\",\"typ\":\"%s\",\"%s\":[\"%s\"]}"};
    static const char *const claims[] = {
        "{\"iss\":\"%s\",\"sub\":\"%s\"}", "{\"iss\":\"" SUPPORT_CLIENT_ID "\",\"jti\":\"%s\"}",
        "{\n  \"aud\": [ \"%s\" ],\n  \"%s\": {\"x\": \"a%sb\"},\n  \"exp\": 1790000060\n}"};
    struct support *support = *state;
    char *token = support_plain_token(support), escaped[512] = "", header[2048], payload[2048];
    for (size_t i = 0; token[i]; i++)
        snprintf(escaped + 6 * i, sizeof escaped - 6 * i, "\\u%04x", (unsigned)(unsigned char)token[i]);
    const char *const spelled[] = {token, escaped};
    for (size_t i = 0; i < 2 * 3 * 3; i++) {
        const char *text = spelled[i % 2];
        struct auth_buf form;
        snprintf(header, sizeof header, headers[i / 2 % 3], text, text, text);
        snprintf(payload, sizeof payload, claims[i / 6], text, text, text);
        auth_buf_init(&form, 16384);
        auth_buf_add_string(&form, "grant_type=client_credentials&client_assertion=");
        auth_b64u_encode(&form, header, strlen(header));
        auth_buf_add_char(&form, '.');
        auth_b64u_encode(&form, payload, strlen(payload));
        auth_buf_add_string(&form, ".AAAA");
        request_it(support, "POST", SUPPORT_TOKEN_PATH, NULL, form.p);
        auth_buf_clear(&form);
        expect_hidden(support, token, payload);
        /* and what was JSON is JSON, with the rest of it */
        struct support_answer answer = support_send(support, "GET", "/mock/journal?limit=1", NULL, NULL, NULL);
        if (i / 6 == 2 && (!strstr(answer.body, "[redacted]**") || !strstr(answer.body, "1790000060")))
            fail_msg("%s", answer.body);
        support_answer_clear(&answer);
    }
    free(token);
}

/* ---- what is no secret ---- */

static void test_the_rest_stays_readable(void **state)
{
    static const char *const targets[] = {
        SUPPORT_FHIR_PATH "/Patient/erXuFYUfucBZaryVksYEcMg3",
        SUPPORT_FHIR_PATH "/Observation?patient=eq081-VQEgP8drUUqCWzHfw3&category=vital-signs&code=4548-4&_count=10",
        SUPPORT_FHIR_PATH "/Observation/eVbxJqB2mXNXHf0-8Yhl0wSJbkA9WUlL0dBnP4kE0oTs3", /* as long as a token */
        SUPPORT_FHIR_PATH "/Patient?name=a%20b%2Bc",
        "/nowhere/at/all",
    };
    char *token = support_plain_token(*state);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        request_it(*state, "GET", targets[i], NULL, NULL);
        struct support_answer answer = support_send(*state, "GET", "/mock/journal?limit=1", NULL, NULL, NULL);
        if (!strstr(answer.body, targets[i]))
            fail_msg("%s is not in %s", targets[i], answer.body);
        support_answer_clear(&answer);
    }
    free(token);
}

/* One wrong character, one missing: no token. */
static void test_the_nearest_to_a_token(void **state)
{
    struct support *support = *state;
    char *token = support_plain_token(support), text[128];
    snprintf(text, sizeof text, "x=%s", token);
    text[10] = text[10] == 'a' ? 'b' : 'a';
    char *before = auth_view_dup(auth_view_from_string(text));
    mock_redact(support->instance.store, MOCK_REDACT_PROSE, text, strlen(text));
    assert_string_equal(text, before);
    snprintf(text, sizeof text, "x=%s", token + 1);
    free(before);
    before = auth_view_dup(auth_view_from_string(text));
    mock_redact(support->instance.store, MOCK_REDACT_PROSE, text, strlen(text));
    assert_string_equal(text, before);
    snprintf(text, sizeof text, "x=%s&y=2", token);
    mock_redact(support->instance.store, MOCK_REDACT_PROSE, text, strlen(text));
    assert_string_equal(text, "x=[redacted]*********************************&y=2");
    snprintf(text, sizeof text, "%s", token);
    mock_redact(NULL, MOCK_REDACT_PROSE, text, strlen(text)); /* nobody knows it */
    assert_string_equal(text, token);
    free(before);
    free(token);
}

/* A message that says where it was cut: half a token cannot be looked up, so what stands there goes. And a line end that came
 * with a value does not end it. */
static void test_what_a_message_cut(void **state)
{
    static const struct {
        const char *text, *masked;
    } rows[] = {
        {"kty AbcdEfghIjkl... is not taken", "kty ************... is not taken"},
        {"kty AbcdEfghIjk... is not taken", "kty AbcdEfghIjk... is not taken"},
        {"a.b/c%41%42%43%44... and so on...", "a.b/*************... and so on..."},
        {"............", "............"},
        {"\"eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJyZWQiLCJzdWIiOiJyZWQiLCJhdWQiOiJodHRw...\": no",
         "\"[redacted]**************************************************************\": no"},
        {"at ...AbcdEfghIjkl: no", "at ...************: no"},
        {"at ...AbcdEfghIjk: no", "at ...AbcdEfghIjk: no"},
        {"AbcdEfghIjkl", "AbcdEfghIjkl"},
    };
    struct support *support = *state;
    char *token = support_plain_token(support), text[256], masked[256];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, "%s", rows[i].text);
        mock_redact(NULL, MOCK_REDACT_PROSE, text, strlen(text));
        assert_string_equal(text, rows[i].masked);
    }
    snprintf(text, sizeof text, "Invalid category: %.20s\r\n%s\n  next", token, token + 20);
    snprintf(masked, sizeof masked, "Invalid category: [redacted]***********************************\n  next");
    mock_redact(support->instance.store, MOCK_REDACT_PROSE, text, strlen(text));
    assert_string_equal(text, masked);
    free(token);
}

/* Wherever in a name a message is cut: no twenty characters of a token are left in what the log would say. */
static void test_no_message_shows_half_a_token(void **state)
{
    static const char *const bodies[] = {"{\"%s\":1}", "{\"%s\":1,\"%s\":2}",
                                         "{\"client_id\":\"n\",\"jwks_url\":\"https://x/y\",\"scopes\":[\"%s\"]}",
                                         "{\"client_id\":\"n\",\"jwks\":{\"keys\":[{\"kty\":\"%s\"}]}}"};
    struct support *support = *state;
    char *token = support_plain_token(support), name[512], body[2048], part[21];
    for (size_t i = 0; i < 4 * 340; i++) {
        struct mock_header header = {auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")};
        struct mock_request request = {.method = auth_view_from_string("POST"),
                                       .path = auth_view_from_string("/mock/apps"),
                                       .headers = &header,
                                       .header_count = 1,
                                       .is_loopback_peer = true};
        struct mock_response response;
        memset(name, '-', i / 4);
        snprintf(name + i / 4, sizeof name - i / 4, "%s", token);
        snprintf(body, sizeof body, bodies[i % 4], name, name);
        request.body = auth_view_from_string(body);
        mock_response_init(&response);
        mock_dispatch(&support->instance, &request, &response);
        assert_in_range(response.status, 400, 422);
        mock_redact(support->instance.store, MOCK_REDACT_PROSE, response.reason, strlen(response.reason));
        for (size_t at = 0; at + 20 <= strlen(token); at++) {
            snprintf(part, sizeof part, "%s", token + at);
            if (strstr(response.reason, part))
                fail_msg("%s: %s", body, response.reason);
        }
        mock_response_clear(&response);
    }
    free(token);
}

static void test_cutting(void **state)
{
    static const struct {
        const char *text;
        size_t max;
        const char *left;
    } rows[] = {{"ab/cd", 5, "ab/cd"}, {"ab/cd", 4, "ab/"}, {"ab/cd", 3, "ab/"},    {"abcd", 3, ""},
                {"a/%4", 3, "a/"},     {"a/b.cd", 5, "a/"}, {"a/b.cd", 6, "a/b.cd"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(
            auth_view_equals(mock_redaction_cut(auth_view_from_string(rows[i].text), rows[i].max), rows[i].left));
}

/* A secret behind so many bytes, encoded, behind so many letters that are no part of it. */
static void expect_encoded_masked(struct support *support, const char *secret, bool is_hex, size_t bytes_n,
                                  size_t letters_n)
{
    struct auth_buf bytes, text;
    auth_buf_init(&bytes, 4096);
    auth_buf_init(&text, 4096);
    auth_buf_add(&bytes, "\xff+\xfe/-~", bytes_n);
    auth_buf_add_string(&bytes, secret);
    auth_buf_add(&text, "zzzzz", letters_n);
    if (is_hex)
        auth_text_hex(&text, bytes.p, bytes.n, bytes_n & 1);
    else
        auth_b64u_encode(&text, bytes.p, bytes.n);
    mock_redact(support->instance.store, MOCK_REDACT_VALUE, text.p, text.n);
    if (!auth_view_starts(auth_buf_view(&text), "[redacted]**") || text.p[text.n - 1] != '*')
        fail_msg("%s behind %zu bytes and %zu letters: %s", is_hex ? "hex" : "base64", bytes_n, letters_n, text.p);
    auth_buf_clear(&bytes);
    auth_buf_clear(&text);
}

/* Wherever in a group of characters it begins; of a JWT the beginning is enough, whatever follows. */
static void test_an_encoded_secret_at_every_place(void **state)
{
    char *token = support_plain_token(*state);
    const char *const secrets[] = {
        token, "eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJyZWQifQ.c2lnbmF0dXJl",
        "eyJhbGciOiJSUzM4NCJ9.\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xf0\xf1\xf2\xf3\xf4\xf5"
        "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9"};
    for (size_t i = 0; i < 3 * 6 * 5 * 2; i++)
        expect_encoded_masked(*state, secrets[i % 3], i / 90, i / 3 % 6, i / 18 % 5);
    for (size_t letters = 46; letters < 50; letters++) {
        char text[128];
        snprintf(text, sizeof text, "%.*s65794a68624763694f694a53557a4d344e434a39", (int)letters,
                 "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz");
        mock_redact(NULL, MOCK_REDACT_VALUE, text, strlen(text));
        assert_true(auth_view_starts(auth_view_from_string(text), "[redacted]**"));
    }
    free(token);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_live_token),
        TEST(test_an_expired_token),
        TEST(test_an_assertion),
        TEST(test_a_token_inside_a_jwt),
        TEST(test_the_rest_stays_readable),
        TEST(test_the_nearest_to_a_token),
        TEST(test_what_a_message_cut),
        TEST(test_no_message_shows_half_a_token),
        TEST(test_cutting),
        TEST(test_an_encoded_secret_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
