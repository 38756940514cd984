/* Answers that are not what was asked for, and texts that repeat secrets: the right class of error, a line that names URL,
 * status, content type and setting, and no secret in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/tests/support.h"

#define GOT_TOKEN                                                                                                      \
    {                                                                                                                  \
        GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))                                                                      \
    }
#define JSON "content-type: application/fhir+json\n"
#define HTML "content-type: text/html; charset=utf-8\n"

struct row {
    int status;
    const char *header, *body;
    enum epic_auth_rc rc;
    const char *told[3]; /* pieces of the message */
};

static void expect_told(const struct row *row, size_t i, enum epic_auth_rc rc, const struct epic_auth_error *error)
{
    bool ok = rc == row->rc && error->rc == rc;
    for (size_t k = 0; k < 3 && row->told[k]; k++)
        ok = ok && strstr(error->message, row->told[k]);
    if (!ok)
        fail_msg("row %zu: %s, \"%s\"", i, epic_auth_rc_text(rc), error->message);
}

static const struct row resource_rows[] = {
    {200, JSON, PATIENT, EPIC_AUTH_OK, {NULL}},
    {200, "", PATIENT, EPIC_AUTH_OK, {NULL}},
    {200, "content-type: text/plain\n", "\n " PATIENT "\n", EPIC_AUTH_OK, {NULL}},
    {200, "content-encoding: identity\n", PATIENT, EPIC_AUTH_OK, {NULL}},
    {200,
     HTML,
     "<!DOCTYPE html><html>",
     EPIC_AUTH_E_PROTOCOL,
     {BASE "/Patient/p answered HTTP 200 with a web page (text/html; charset=utf-8, 21 bytes)", "EPIC_FHIR_BASE_URL"}},
    {200, "content-type: application/fhir+xml\n", "<Patient/>", EPIC_AUTH_E_PROTOCOL, {"XML (application/fhir+xml"}},
    {200, JSON, "", EPIC_AUTH_E_PROTOCOL, {"an empty body (application/fhir+json, 0 bytes)"}},
    {200, JSON, " \r\n", EPIC_AUTH_E_PROTOCOL, {"an empty body"}},
    {200, JSON, "{\"resourceType\":\"Patient\",\"id\":\"p\"", EPIC_AUTH_E_PROTOCOL, {"JSON that ends too early"}},
    {200, JSON, PATIENT "x", EPIC_AUTH_E_PROTOCOL, {"no JSON"}},
    {200, JSON, "\x1f\x8b\x08", EPIC_AUTH_E_PROTOCOL, {"compressed"}},
    {200, "content-encoding: br\n", PATIENT, EPIC_AUTH_E_PROTOCOL, {"compressed"}},
    {200, JSON, "\xef\xbb\xbf" PATIENT, EPIC_AUTH_E_PROTOCOL, {"byte order mark"}},
    {200, JSON, "{\"resourceType\":\"Patient\",\"id\":\"\xff\"}", EPIC_AUTH_E_PROTOCOL, {"UTF-8"}},
    {200, JSON, "hello", EPIC_AUTH_E_PROTOCOL, {"no JSON", "EPIC_FHIR_BASE_URL"}},
    {200, JSON, "{}", EPIC_AUTH_E_PROTOCOL, {"no FHIR resource", "EPIC_FHIR_BASE_URL"}},
    {200, JSON, "[]", EPIC_AUTH_E_PROTOCOL, {"no FHIR resource"}},
    {200, JSON, "{\"resourceType\":7}", EPIC_AUTH_E_PROTOCOL, {"no FHIR resource"}},
    {200, JSON, "{\"resourceType\":\"Observation\"}", EPIC_AUTH_E_PROTOCOL, {"an Observation, not a Patient"}},
    {200, JSON, "{\"resourceType\":\"Practitioner\"}", EPIC_AUTH_E_PROTOCOL, {"a Practitioner, not a Patient"}},
    {200, JSON, OUTCOME("exception"), EPIC_AUTH_E_FHIR, {"HTTP 200 with an OperationOutcome"}},
    {200, JSON, OUTCOME("not-found"), EPIC_AUTH_E_NOT_FOUND, {NULL}},
    {200, JSON, OUTCOME("forbidden"), EPIC_AUTH_E_DENIED, {NULL}},
    {200, JSON, OUTCOME("throttled"), EPIC_AUTH_E_THROTTLED, {NULL}},
    {201, JSON, PATIENT, EPIC_AUTH_E_PROTOCOL, {"HTTP 201"}},
    {204, "", "", EPIC_AUTH_E_PROTOCOL, {"HTTP 204 with an empty body (no content type"}},
    {206, JSON, PATIENT, EPIC_AUTH_E_PROTOCOL, {"HTTP 206"}},
    {302,
     "location: https://login.example/?x=secret\n",
     "",
     EPIC_AUTH_E_PROTOCOL,
     {"HTTP 302 and points to https://login.example/?...;", "EPIC_FHIR_BASE_URL"}},
    {404, JSON, OUTCOME("not-found"), EPIC_AUTH_E_NOT_FOUND, {BASE "/Patient/p answered HTTP 404"}},
    {410, JSON, OUTCOME("deleted"), EPIC_AUTH_E_NOT_FOUND, {NULL}},
    {404, HTML, "<html>not here</html>", EPIC_AUTH_E_PROTOCOL, {"HTTP 404 with a web page", "EPIC_FHIR_BASE_URL"}},
    {404, "", "", EPIC_AUTH_E_PROTOCOL, {"HTTP 404 with an empty body", "EPIC_FHIR_BASE_URL"}},
    {404,
     "content-type: application/json\n",
     "{\"message\":\"no Route\"}",
     EPIC_AUTH_E_PROTOCOL,
     {"HTTP 404 with JSON"}},
    {403, HTML, "<html>", EPIC_AUTH_E_DENIED, {"HTTP 403"}},
    {400, JSON, OUTCOME("invalid"), EPIC_AUTH_E_FHIR, {"HTTP 400"}},
    {400, HTML, "<html>", EPIC_AUTH_E_FHIR, {"HTTP 400 with a web page"}},
};

/* ---- FHIR ---- */

static void test_only_the_resource_that_was_asked_for_is_given(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof resource_rows / sizeof *resource_rows; i++) {
        const struct step steps[] = {GOT_TOKEN,
                                     {GIVES(BASE "/Patient/p", resource_rows[i].status, resource_rows[i].body),
                                      .header = resource_rows[i].header}};
        struct script script;
        struct epic_auth_error error;
        struct epic_auth *auth = START(&script, steps);
        char *json = NULL;
        enum epic_auth_rc rc = epic_auth_fhir_get(auth, "Patient", "p", &json, &error);
        expect_told(&resource_rows[i], i, rc, &error);
        assert_int_equal(rc == EPIC_AUTH_OK, json != NULL);
        epic_auth_string_free(json);
        epic_auth_free(auth);
    }
}

static void test_paths_give_json_of_any_kind(void **state)
{
    static const struct {
        const char *path, *body;
        enum epic_auth_rc rc;
    } rows[] = {
        {"metadata", "{\"resourceType\":\"CapabilityStatement\"}", EPIC_AUTH_OK},
        {"metadata", PATIENT, EPIC_AUTH_E_PROTOCOL},
        {"metadata", OUTCOME("x"), EPIC_AUTH_E_FHIR},
        {".well-known/smart-configuration", "{\"token_endpoint\":\"x\"}", EPIC_AUTH_OK},
        {".well-known/smart-configuration", OUTCOME("x"), EPIC_AUTH_E_FHIR},
        {".well-known/smart-configuration", "<html>", EPIC_AUTH_E_PROTOCOL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char url[128];
        snprintf(url, sizeof url, BASE "/%s", rows[i].path);
        const struct step steps[] = {GOT_TOKEN, {GIVES(url, 200, rows[i].body)}};
        struct script script;
        struct epic_auth_error error;
        struct epic_auth *auth = START(&script, steps);
        char *json = NULL;
        if (epic_auth_fhir_get_path(auth, rows[i].path, &json, &error) != rows[i].rc)
            fail_msg("row %zu: %s", i, error.message);
        epic_auth_string_free(json);
        epic_auth_free(auth);
    }
}

/* A token goes to nothing but what lies below the base. */
static void test_no_argument_leads_out_of_the_base(void **state)
{
    static const char *const types[] = {"..", ".", "../x", "a/b", "%2e%2e", "Patient?x=", "", "Pa tient", "Patient/"};
    static const char *const ids[] = {"", ".", ".."};
    static const char *const paths[] = {"..",  "../x",     "a/../../x", "/..",  "a/%2e%2E/%2e./x", ".",   "a/./b",
                                        "a b", "a\\..\\b", "a#b",       "a\tb", "a/.%2e",          "%2e", NULL};
    struct script script;
    struct epic_auth_error error;
    char *json = NULL;
    struct epic_auth_search *search = NULL;
    (void)state;
    struct epic_auth *auth = script_start(&script, NULL, 0, NULL);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_int_equal(epic_auth_fhir_get(auth, types[i], "x", &json, &error), EPIC_AUTH_E_ARGUMENT);
        assert_int_equal(epic_auth_fhir_search(auth, types[i], NULL, 0, &search, &error), EPIC_AUTH_E_ARGUMENT);
    }
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_int_equal(epic_auth_fhir_get(auth, "Patient", ids[i], &json, &error), EPIC_AUTH_E_ARGUMENT);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (epic_auth_fhir_get_path(auth, paths[i], &json, &error) != EPIC_AUTH_E_ARGUMENT)
            fail_msg("%s: %s", paths[i], error.message);
    }
    assert_int_equal(script.at, 0);
    epic_auth_free(auth);
}

/* ---- the token endpoint ---- */

#define OAUTH(code) "{\"error\":\"" code "\"}"

static const struct row endpoint_rows[] = {
    {404,
     HTML,
     "<html>",
     EPIC_AUTH_E_PROTOCOL,
     {TOKEN_URL " answered HTTP 404 with a web page (text/html", "EPIC_TOKEN_URL"}},
    {400, HTML, "<html>", EPIC_AUTH_E_PROTOCOL, {"HTTP 400 with a web page", "EPIC_TOKEN_URL"}},
    {405, "", "", EPIC_AUTH_E_PROTOCOL, {"HTTP 405", "EPIC_TOKEN_URL"}},
    {400, JSON, "{}", EPIC_AUTH_E_PROTOCOL, {TOKEN_URL, "HTTP 400 with JSON"}},
    {307,
     "location: https://other.example/token\n",
     "",
     EPIC_AUTH_E_PROTOCOL,
     {"HTTP 307 and points to https://other.example/token", "no redirect", "EPIC_TOKEN_URL"}},
    {200, HTML, "<!doctype html>", EPIC_AUTH_E_PROTOCOL, {TOKEN_URL, "a web page", "EPIC_TOKEN_URL"}},
    {200, JSON, "\xef\xbb\xbf" TOKEN("t", "1"), EPIC_AUTH_E_PROTOCOL, {"byte order mark"}},
    {200, JSON, "\x1f\x8b\x08", EPIC_AUTH_E_PROTOCOL, {"compressed"}},
    {200, JSON, "", EPIC_AUTH_E_PROTOCOL, {"an empty body"}},
    {200, JSON, "{\"access_token\":\"t\",", EPIC_AUTH_E_PROTOCOL, {"ends too early"}},
    {200, JSON, OAUTH("invalid_client"), EPIC_AUTH_E_PROTOCOL, {"200 with an error"}},
    {400, JSON, OAUTH("invalid_client"), EPIC_AUTH_E_OAUTH, {"HTTP 400, invalid_client"}},
    {401, JSON, OAUTH("invalid_client"), EPIC_AUTH_E_OAUTH, {NULL}},
    {403, JSON, OAUTH("unauthorized_client"), EPIC_AUTH_E_OAUTH, {NULL}},
    /* busy, whatever the body says: no refusal */
    {429, JSON, OAUTH("invalid_client"), EPIC_AUTH_E_THROTTLED, {"HTTP 429, invalid_client"}},
    {503, JSON, OAUTH("server_error"), EPIC_AUTH_E_THROTTLED, {"cannot answer now"}},
    {503, HTML, "<html>busy", EPIC_AUTH_E_THROTTLED, {"a web page", "try again later"}},
    {500, JSON, OAUTH("x"), EPIC_AUTH_E_THROTTLED, {NULL}},
    {502, HTML, "<html>", EPIC_AUTH_E_THROTTLED, {"HTTP 502 with a web page"}},
    {400, JSON, OAUTH("temporarily_unavailable"), EPIC_AUTH_E_THROTTLED, {NULL}},
    {400, JSON, OAUTH("slow_down"), EPIC_AUTH_E_THROTTLED, {NULL}},
};

static void test_token_endpoints_that_are_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof endpoint_rows / sizeof *endpoint_rows; i++) {
        struct step step = {GIVES(TOKEN_URL, endpoint_rows[i].status, endpoint_rows[i].body),
                            .header = endpoint_rows[i].header};
        const struct step steps[] = {step, step, step, GOT_TOKEN};
        struct script script;
        struct epic_auth_error error;
        const char *text;
        struct epic_auth *auth = START(&script, steps);
        enum epic_auth_rc rc = script_token(auth, &text, &error);
        expect_told(&endpoint_rows[i], i, rc, &error);
        bool is_busy = rc == EPIC_AUTH_E_THROTTLED;
        assert_int_equal(script.at, is_busy ? 3 : 1);
        /* only a refusal is remembered */
        enum epic_auth_rc again = script_token(auth, &text, &error);
        assert_int_equal(script.at, is_busy ? 4 : rc == EPIC_AUTH_E_OAUTH ? 1 : 2);
        assert_int_equal(again, is_busy ? EPIC_AUTH_OK : rc);
        epic_auth_free(auth);
    }
}

static void test_tokens_are_what_rfc_6750_says(void **state)
{
    static const char *const good[] = {"t", "aZ09-._~+/", "a=", "a==", "eyJhbGciOiJub25lIn0.e30."};
    static const char *const bad[] = {"",     "=",   "a=b",   "a b",     "x;touch${IFS}y", "$(x)",
                                      "`x`",  "'",   "\\\"",  "a\\\\",   "a\\r\\nX:",      "a\\n",
                                      "a\\t", "a,b", "a%20b", "\\u00e9", "a\\u007f",       "a!",
                                      "{",    "|",   "&",     "<",       "a\\u2028",       "#",
                                      "*",    "?"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good + sizeof bad / sizeof *bad; i++) {
        bool is_good = i < sizeof good / sizeof *good;
        const char *token = is_good ? good[i] : bad[i - sizeof good / sizeof *good];
        char body[256];
        snprintf(body, sizeof body, TOKEN("%s", "3600"), token);
        const struct step steps[] = {{GIVES(TOKEN_URL, 200, body)}};
        struct script script;
        struct epic_auth_error error;
        const char *text;
        struct epic_auth *auth = START(&script, steps);
        if (script_token(auth, &text, &error) != (is_good ? EPIC_AUTH_OK : EPIC_AUTH_E_PROTOCOL))
            fail_msg("%s: %s", token, error.message);
        assert_string_equal(text, is_good ? token : "");
        epic_auth_free(auth);
    }
}

/* ---- secrets in what a server says ---- */

#define SECRET "Kf83-jdQ_p27~Zm+aL/0xY"

static bool holds_piece(const void *bytes, size_t n, const char *secret)
{
    const char *at = bytes;
    for (size_t i = 0; secret[i] && strlen(secret + i) >= 12; i++) {
        for (size_t k = 0; k + 12 <= n; k++) {
            if (memcmp(at + k, secret + i, 12) == 0)
                return true;
        }
    }
    return false;
}

static void test_a_token_that_is_echoed_is_not_shown(void **state)
{
    static const char *const echoes[] = {
        SECRET,
        "no such thing: Patient/" SECRET "?x",
        "Kf83-jdQ_p27~Zm%2BaL%2F0xY",
        "a token that was cut: Kf83-jdQ_p27~Z",
        "Kf83-jdQ_p27~Zm\\u002baL\\/0xY",
    };
    (void)state;
    for (size_t i = 0; i < sizeof echoes / sizeof *echoes; i++) {
        char body[1024];
        snprintf(
            body, sizeof body,
            "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"%s\",\"code\":\"%s\",\"details\":{\"text\":"
            "\"%s\",\"coding\":[{\"code\":\"%s\"}]},\"diagnostics\":\"%s\",\"location\":[\"%s\"]}]}",
            echoes[i], echoes[i], echoes[i], echoes[i], echoes[i], echoes[i]);
        const struct step refusal = {
            GIVES(TOKEN_URL, 400, "{\"error\":\"" SECRET "\",\"error_description\":\"" SECRET "\"}")};
        const struct step steps[] = {{GIVES(TOKEN_URL, 200, TOKEN(SECRET, "3600"))},
                                     {GIVES(BASE "/Patient/p", 400, body)},
                                     {GIVES(BASE "/Patient/p", 302, ""), .header = "location: https://x/" SECRET "\n"},
                                     {GIVES(BASE "/Patient/p", 404, "x"), .header = "content-type: x/" SECRET "\n"},
                                     refusal,
                                     refusal}; /* a key that has worked is tried again */
        struct script script;
        struct epic_auth_error error;
        struct epic_auth *auth = START(&script, steps);
        char *json = NULL;
        const char *text;
        for (int call = 0; call < 3; call++) {
            assert_int_not_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_OK);
            assert_false(holds_piece(&error, sizeof error, SECRET));
        }
        epic_auth_token_drop(auth);
        assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_OAUTH);
        assert_false(holds_piece(&error, sizeof error, SECRET));
        assert_false(holds_piece(script.events, sizeof script.events, SECRET));
        assert_int_equal(script.at, 6);
        epic_auth_free(auth);
    }
}

/* The transport that echoes what it was sent, whole, cut and by its signature alone. */
static struct script *echoing;
static int echo_part;

static enum auth_rc echo(struct auth_http *http, const struct auth_http_request *request,
                         struct auth_http_response *response, struct auth_err *err)
{
    static const char label[] = "client_assertion=";
    struct auth_view jwt = request->body;
    (void)http, (void)err;
    size_t at = auth_view_find_text(jwt, label) + sizeof label - 1;
    jwt = auth_view_from(jwt, at);
    memcpy(echoing->form[0], jwt.p, jwt.n);
    echoing->form[0][jwt.n] = '\0';
    if (echo_part == 1)
        jwt.n = 60;
    if (echo_part == 2)
        jwt = auth_view_bytes(jwt.p + jwt.n - 64, 64);
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 65536);
    auth_buf_init_secret(&response->body, 65536);
    response->status = 400;
    auth_buf_addf(&response->body, "{\"error\":\"invalid_client\",\"error_description\":\"%.*s\"}", (int)jwt.n, jwt.p);
    return AUTH_OK;
}

static void test_an_assertion_that_is_echoed_is_not_shown(void **state)
{
    (void)state;
    for (echo_part = 0; echo_part < 3; echo_part++) {
        struct script script;
        struct epic_auth_error error;
        const char *text;
        struct epic_auth *auth = script_start(&script, NULL, 0, NULL);
        echoing = &script;
        script.http.send = echo;
        assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_OAUTH);
        assert_true(strlen(script.form[0]) > 400);
        assert_false(holds_piece(&error, sizeof error, script.form[0]));
        assert_non_null(strstr(error.oauth_description, "[redacted]"));
        assert_false(holds_piece(script.events, sizeof script.events, script.form[0]));
        epic_auth_free(auth);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_resource_that_was_asked_for_is_given),
        cmocka_unit_test(test_paths_give_json_of_any_kind),
        cmocka_unit_test(test_no_argument_leads_out_of_the_base),
        cmocka_unit_test(test_token_endpoints_that_are_none),
        cmocka_unit_test(test_tokens_are_what_rfc_6750_says),
        cmocka_unit_test(test_a_token_that_is_echoed_is_not_shown),
        cmocka_unit_test(test_an_assertion_that_is_echoed_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
