/* What the tests of a whole server share: one that is ready, requests to it, assertions signed for it. */
#include "mock_epic/tests/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"
#include "auth/core/form.h"
#include "auth/jose/jws.h"

void support_read_fixture(const char *path, struct auth_buf *out)
{
    char full[512];
    struct auth_err err = {0};
    auth_buf_init(out, 1024 * 1024);
    snprintf(full, sizeof full, "%s/%s", EPIC_FIXTURES_DIR, path);
    if (auth_file_read(full, out, &err) != AUTH_OK)
        fail_msg("%s", err.detail);
}

static struct auth_profile make_profile(const char *text)
{
    struct auth_view rest = auth_view_from_string(text);
    char *name = auth_view_dup(auth_view_split(&rest, ' '));
    assert_non_null(auth_profile_named(name));
    struct auth_profile profile = *auth_profile_named(name);
    free(name);
    while (rest.n) {
        char *one = auth_view_dup(auth_view_split(&rest, ' '));
        assert_int_equal(auth_profile_set(&profile, one, NULL), AUTH_OK);
        free(one);
    }
    return profile;
}

void support_init(struct support *support, const char *profile)
{
    support_init_with(support, profile, NULL, auth_env_system());
}

void support_init_with(struct support *support, const char *profile_text, struct auth_http *http,
                       const struct auth_env *env)
{
    struct auth_profile profile = make_profile(profile_text);
    struct mock_fhir *fhir = NULL;
    struct auth_err err = {0};
    struct auth_buf cert;
    struct mock_app *app = NULL;
    assert_int_equal(mock_fhir_new(&fhir), AUTH_OK);
    assert_int_equal(mock_fhir_load(fhir, "@core", &err), AUTH_OK);
    assert_int_equal(mock_fhir_seal(fhir, &err), AUTH_OK);
    struct mock_options options = {
        .profile = &profile,
        .public_url = "http://127.0.0.1:8423",
        .prefix = "/interconnect-fhir-oauth",
        .env = env,
        .fhir = fhir,
        .jwks_http = http,
    };
    assert_int_equal(mock_instance_init(&support->instance, &options, &err), AUTH_OK);
    assert_true(mock_clock_set(&support->instance.clock, SUPPORT_NOW_S));
    mock_clock_freeze(&support->instance.clock, true);
    support_read_fixture("keys/rsa2048_a.cert.pem", &cert);
    struct mock_app_parts parts = {
        .client_id = auth_view_from_string(SUPPORT_CLIENT_ID),
        .certificate = auth_buf_view(&cert),
        .has_background_user = true,
    };
    assert_int_equal(mock_app_make(&parts, SUPPORT_NOW_S - 10000, &app, &err), AUTH_OK);
    assert_int_equal(mock_apps_put(&support->instance.apps, app, MOCK_APPS_ADD, NULL), AUTH_OK);
    assert_int_equal(mock_instance_mark_start(&support->instance), AUTH_OK);
    auth_buf_clear(&cert);
}

void support_add_url_app(struct support *support, const char *client_id, const char *url)
{
    struct mock_app *app = NULL;
    struct auth_err err = {0};
    struct mock_app_parts parts = {
        .client_id = auth_view_from_string(client_id),
        .jwks_url = auth_view_from_string(url),
        .has_background_user = true,
    };
    if (mock_app_make(&parts, SUPPORT_NOW_S - 10000, &app, &err) != AUTH_OK)
        fail_msg("%s", err.detail);
    assert_int_equal(mock_apps_put(&support->instance.apps, app, MOCK_APPS_ADD, NULL), AUTH_OK);
}

void support_clear(struct support *support)
{
    mock_instance_clear(&support->instance);
}

int support_set_up(void **state)
{
    struct support *support = malloc(sizeof *support);
    assert_non_null(support);
    support_init(support, "epic");
    *state = support;
    return 0;
}

int support_tear_down(void **state)
{
    support_clear(*state);
    free(*state);
    return 0;
}

void support_answer_clear(struct support_answer *answer)
{
    free(answer->body);
    memset(answer, 0, sizeof *answer);
}

struct support_answer support_send(struct support *support, const char *method, const char *target, const char *bearer,
                                   const char *content_type, const char *body)
{
    struct mock_header headers[5];
    struct mock_response response;
    struct support_answer answer = {0};
    struct auth_buf authorization, bytes;
    size_t count = 0;
    struct auth_view query = auth_view_from_string(target);
    struct auth_view path = auth_view_split(&query, '?');
    auth_buf_init(&authorization, 8192);
    auth_buf_init(&bytes, 16 * 1024 * 1024);
    headers[count++] = (struct mock_header){auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")};
    headers[count++] =
        (struct mock_header){auth_view_from_string("Accept"), auth_view_from_string("application/fhir+json")};
    if (bearer) {
        auth_buf_addf(&authorization, "Bearer %s", bearer);
        headers[count++] = (struct mock_header){auth_view_from_string("Authorization"), auth_buf_view(&authorization)};
    }
    if (content_type)
        headers[count++] =
            (struct mock_header){auth_view_from_string("Content-Type"), auth_view_from_string(content_type)};
    struct mock_request request = {
        .method = auth_view_from_string(method),
        .path = path,
        .query = query,
        .headers = headers,
        .header_count = count,
        .body = auth_view_from_string(body),
        .is_loopback_peer = true,
    };
    mock_response_init(&response);
    mock_dispatch(&support->instance, &request, &response);
    assert_false(response.is_spoiled);
    mock_response_body(&response, &bytes);
    answer.status = response.status;
    size_t used = 0;
    for (size_t i = 0; i < response.header_count; i++) {
        used += (size_t)snprintf(answer.headers + used, sizeof answer.headers - used, "%s: %s\n",
                                 response.headers[i].name, response.headers[i].value);
        assert_true(used < sizeof answer.headers);
        if (strcmp(response.headers[i].name, "X-Mock-Epic-Decision") == 0)
            snprintf(answer.decision, sizeof answer.decision, "%s", response.headers[i].value);
    }
    answer.body = auth_buf_take(&bytes, NULL);
    assert_non_null(answer.body);
    mock_response_clear(&response);
    auth_buf_clear(&bytes);
    auth_buf_clear(&authorization);
    return answer;
}

int support_status(struct support *support, const char *method, const char *target, const char *bearer,
                   const char *content_type, const char *body)
{
    struct support_answer answer = support_send(support, method, target, bearer, content_type, body);
    int status = answer.status;
    support_answer_clear(&answer);
    return status;
}

int support_get(struct support *support, const char *target, const char *bearer)
{
    return support_status(support, "GET", target, bearer, NULL, NULL);
}

int support_admin(struct support *support, const char *method, const char *target, const char *body)
{
    return support_status(support, method, target, NULL, "application/json", body);
}

void support_expect(struct support *support, const char *method, const char *target, const char *bearer,
                    const char *body, const char *part)
{
    struct support_answer answer = support_send(support, method, target, bearer, NULL, body);
    if (!strstr(answer.body, part))
        fail_msg("%s %s: no %s in %s", method, target, part, answer.body);
    support_answer_clear(&answer);
}

static char *form_of(struct auth_view jwt)
{
    struct auth_buf form;
    auth_buf_init(&form, 64 * 1024);
    auth_form_write(&form, auth_view_from_string("grant_type"), auth_view_from_string("client_credentials"));
    auth_form_write(&form, auth_view_from_string("client_assertion_type"),
                    auth_view_from_string("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    auth_form_write(&form, auth_view_from_string("client_assertion"), jwt);
    char *text = auth_buf_take(&form, NULL);
    assert_non_null(text);
    return text;
}

char *support_form(const char *fixture)
{
    char path[256];
    struct auth_buf text;
    struct auth_json *doc = NULL;
    snprintf(path, sizeof path, "jwt/%s.json", fixture);
    support_read_fixture(path, &text);
    assert_int_equal(auth_json_parse(auth_buf_view(&text), &doc, NULL), AUTH_OK);
    char *form = form_of(auth_json_member_string(auth_json_root(doc), "compact"));
    auth_json_free(doc);
    auth_buf_clear(&text);
    return form;
}

static char *sign_form(const char *client_id, const char *token_path, const char *key_name, const char *header,
                       const char *jti, int64_t exp_s)
{
    char path[256];
    struct auth_buf pem, claims, jwt;
    struct auth_key *key = NULL;
    snprintf(path, sizeof path, "keys/%s.TESTKEY.pem", key_name);
    support_read_fixture(path, &pem);
    auth_buf_init(&claims, 4096);
    auth_buf_init(&jwt, 8192);
    assert_int_equal(auth_key_from_private_pem(auth_buf_view(&pem), NULL, &key, NULL), AUTH_OK);
    auth_buf_addf(&claims,
                  "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"http://127.0.0.1:8423%s\",\"jti\":\"%s\",\"exp\":%lld}",
                  client_id, client_id, token_path, jti, (long long)exp_s);
    assert_int_equal(
        auth_jws_write(key, auth_alg_for(key), auth_view_from_string(header), auth_buf_view(&claims), &jwt, NULL),
        AUTH_OK);
    char *form = form_of(auth_buf_view(&jwt));
    auth_key_free(key);
    auth_buf_clear(&jwt);
    auth_buf_clear(&claims);
    auth_buf_clear(&pem);
    return form;
}

char *support_new_form_for(const char *token_path, const char *jti, int64_t exp_s)
{
    return sign_form(SUPPORT_CLIENT_ID, token_path, "rsa2048_a", "{\"alg\":\"RS384\",\"typ\":\"JWT\",\"kid\":\"a\"}",
                     jti, exp_s);
}

char *support_new_form(const char *jti, int64_t exp_s)
{
    return support_new_form_for(SUPPORT_TOKEN_PATH, jti, exp_s);
}

char *support_signed_form(const char *client_id, const char *key, const char *header, int64_t exp_s)
{
    static atomic_int number; /* tests sign in several threads */
    char jti[64];
    snprintf(jti, sizeof jti, "signed-%d", atomic_fetch_add(&number, 1));
    return sign_form(client_id, SUPPORT_TOKEN_PATH, key, header, jti, exp_s);
}

char *support_token(struct support *support)
{
    static int number;
    char jti[64];
    snprintf(jti, sizeof jti, "support-%d", ++number);
    char *form = support_new_form(jti, mock_clock_now_s(&support->instance.clock) + 60);
    struct support_answer answer =
        support_send(support, "POST", SUPPORT_TOKEN_PATH, NULL, "application/x-www-form-urlencoded", form);
    assert_int_equal(answer.status, 200);
    struct auth_json *doc = NULL;
    assert_int_equal(auth_json_parse(auth_view_from_string(answer.body), &doc, NULL), AUTH_OK);
    char *token = auth_view_dup(auth_json_member_string(auth_json_root(doc), "access_token"));
    assert_non_null(token);
    auth_json_free(doc);
    support_answer_clear(&answer);
    free(form);
    return token;
}

char *support_plain_token(struct support *support)
{
    char *token = support_token(support);
    while (strstr(token, "eyJ")) {
        free(token);
        token = support_token(support);
    }
    return token;
}

char *support_member(const char *json, const char *name)
{
    struct auth_json *doc = NULL;
    assert_int_equal(auth_json_parse(auth_view_trim(auth_view_from_string(json)), &doc, NULL), AUTH_OK);
    char *text = auth_view_dup(auth_json_member_string(auth_json_root(doc), name));
    assert_non_null(text);
    auth_json_free(doc);
    return text;
}

void support_put_app(struct support *support, const char *id, const char *scopes, int version)
{
    struct support_answer app = support_send(support, "GET", "/mock/apps/" SUPPORT_CLIENT_ID, NULL, NULL, NULL);
    char *certificate = support_member(app.body, "certificate"), target[128];
    struct auth_buf json;
    struct auth_json_writer w;
    auth_buf_init(&json, 65536);
    auth_json_writer_init(&w, &json, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "client_id", id);
    auth_json_write_member_text(&w, "certificate", certificate);
    if (scopes)
        auth_json_write_member_raw(&w, "scopes", auth_view_from_string(scopes));
    auth_json_write_member_int(&w, "scope_version", version);
    auth_json_write_end_object(&w);
    snprintf(target, sizeof target, "/mock/apps/%s", id);
    struct support_answer put = support_send(support, "PUT", target, NULL, "application/json", json.p);
    assert_true(put.status == 200 || put.status == 201);
    support_answer_clear(&put);
    support_answer_clear(&app);
    auth_buf_clear(&json);
    free(certificate);
}

struct support_answer support_ask(struct support *support, const char *scope)
{
    static int number;
    char jti[32];
    struct auth_buf body;
    snprintf(jti, sizeof jti, "profiles-%d", ++number);
    char *form = support_new_form(jti, mock_clock_now_s(&support->instance.clock) + 60);
    auth_buf_init(&body, 65536);
    auth_buf_addf(&body, "%s%s%s", form, scope ? "&scope=" : "", scope ? scope : "");
    struct support_answer answer = support_send(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, body.p);
    auth_buf_clear(&body);
    free(form);
    return answer;
}
