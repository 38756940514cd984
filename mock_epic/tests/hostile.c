/* Assertions that are wrong in one way each. */
#include "mock_epic/tests/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/form.h"
#include "auth/core/text.h"

enum { TEXT_N = 64 * 1024, LONG_N = 5000 };

#define TEN(x) x x x x x x x x x x

/* clang-format off */

const struct hostile_app hostile_apps[HOSTILE_APPS] = {
    [HOSTILE_SET] = {"set", "rsa2048_a", "rsa2048_b", "RS384", "key-a", AUTH_KEYS_JWKS, "ab.jwks.json", "[\"system/Patient.rs\"]", 0, 0,
     0, 0},
    [HOSTILE_CERT] = {"cert", "rsa2048_a", NULL, "RS384", "key-a", AUTH_KEYS_CERT, "rsa2048_a.cert.pem", NULL, 0, 0, 0, 0},
    [HOSTILE_TWINS] = {"twins", "rsa2048_a", "rsa2048_b", "RS384", "key-a", AUTH_KEYS_JWKS, "dup_kid.jwks.json", NULL, 0, 0, 0, 0},
    [HOSTILE_URL] = {"url", "rsa2048_a", "rsa2048_b", "RS384", "key-a", AUTH_KEYS_JWKS_URL, "ab.jwks.json", NULL, 0, 0, 0, 0},
    [HOSTILE_URL_256] = {"url-256", "p256_a", NULL, "ES256", "key-ec", AUTH_KEYS_JWKS_URL, "p256_a.jwks.json", NULL, 0, 0, 0, 0},
    [HOSTILE_URL_384] = {"url-384", "p384_a", NULL, "ES384", "key-ec", AUTH_KEYS_JWKS_URL, "p384_a.jwks.json", NULL, 0, 0, 0, 0},
    [HOSTILE_URL_WEAK] = {"url-weak", "rsa1024_a", NULL, "RS384", "weak", AUTH_KEYS_JWKS_URL, "rsa1024_a.cert.pem", NULL, 0, 0, 0, 0},
    [HOSTILE_URL_DEAD] = {"url-dead", "rsa2048_a", NULL, "RS384", "key-a", AUTH_KEYS_JWKS_URL, NULL, NULL, 0, 0, 0, 0},
    [HOSTILE_LATE] = {"late", "rsa2048_a", NULL, "RS384", "key-a", AUTH_KEYS_CERT, "rsa2048_a.cert.pem", NULL, 86400, 0, 0, 0},
    [HOSTILE_PRODUCTION] = {"production", "rsa2048_a", NULL, "RS384", "key-a", AUTH_KEYS_CERT, "rsa2048_a.cert.pem", NULL, 0, 1, 0, 0},
    [HOSTILE_NO_USER] = {"no-user", "rsa2048_a", NULL, "RS384", "key-a", AUTH_KEYS_CERT, "rsa2048_a.cert.pem", NULL, 0, 0, 1, 0},
    [HOSTILE_NOBODY] = {"nobody", "rsa2048_a", NULL, "RS384", "key-a", AUTH_KEYS_CERT, "rsa2048_a.cert.pem", NULL, 0, 0, 0, 1},
};

/* @ is the app's algorithm, # its kid, ~ 5,000 letters. */
static const char *const headers[] = {
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"none\"}",
    "{\"alg\":\"nOnE\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"RS512\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"PS384\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"ES384\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":[\"@\"],\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":null,\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"@\"}",
    "{\"alg\":\"@\",\"typ\":\"JWT\"}",
    "{\"alg\":\"@\",\"kid\":\"#\"}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"other\"}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"\"}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":7}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":[\"#\"]}",
    "{\"alg\":\"@\",\"typ\":\"at+jwt\",\"kid\":\"#\"}",
    "{\"alg\":\"@\",\"typ\":\"jwt\",\"kid\":\"#\"}",
    "{\"alg\":\"@\",\"typ\":7,\"kid\":\"#\"}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"#\",\"crit\":[\"exp\"]}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"#\",\"b64\":false}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"#\",\"jku\":\"https://other.example/keys\"}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"#\",\"jku\":7}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"#\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
    "{\"alg\":\"none\",\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"#\"}",
    "{\"alg\":\"@\",\"typ\":\"JWT\",\"kid\":\"~\"}",
    "{\"alg\":\"@\",\"x\":" TEN("[[[[") "0" TEN("]]]]") "}",
    "[]",
    "\"@\"",
    "null",
    "{}",
    "{",
    "",
    "\xef\xbb\xbf{\"alg\":\"@\"}",
};

/* One claim in place of the sound one; json NULL: left out. */
static const struct claim_row {
    const char *name, *json;
} claims[] = {
    {"", NULL},
    {"iss", NULL},
    {"iss", "\"\""},
    {"iss", "7"},
    {"iss", "null"},
    {"iss", "\"set \""},
    {"iss", "\"nobody-else\""},
    {"iss", "{\"set\":1}"},
    {"iss", "\"cert\""},
    {"sub", NULL},
    {"sub", "\"\""},
    {"sub", "[]"},
    {"sub", "\"nobody-else\""},
    {"sub", "\"url-dead\""},
    {"aud", NULL},
    {"aud", "7"},
    {"aud", "[]"},
    {"aud", "[7]"},
    {"aud", "[\"" HOSTILE_AUD "\"]"},
    {"aud", "\"" HOSTILE_AUD "/\""},
    {"aud", "\"https://other.example/oauth2/token\""},
    {"aud", "\"\""},
    {"exp", NULL},
    {"exp", "\"1790000060\""},
    {"exp", "1790000060.5"},
    {"exp", "1e400"},
    {"exp", "null"},
    {"exp", "true"},
    {"exp", "1790000000"},
    {"exp", "1790000300"},
    {"exp", "1790000301"},
    {"exp", "1790003600"},
    {"exp", "1790000060000"},
    {"exp", "-1"},
    {"exp", "0"},
    {"exp", "300"},
    {"exp", "9007199254740991"},
    {"exp", "99999999999999999999"},
    {"nbf", "1790000000"},
    {"nbf", "1790000001"},
    {"nbf", "1789990000"},
    {"nbf", "\"1790000000\""},
    {"nbf", "null"},
    {"nbf", "-9007199254740991"},
    {"iat", "1790000000"},
    {"iat", "1790000001"},
    {"iat", "1790009999"},
    {"iat", "1789990000"},
    {"iat", "\"x\""},
    {"iat", "[]"},
    {"iat", "9007199254740991"},
    {"jti", NULL},
    {"jti", "\"\""},
    {"jti", "7"},
    {"jti", "{}"},
    {"jti", "\" x\""},
    {"jti", "\"\\u0001\""},
    {"jti", "\"" TEN("0123456789abcdef") "\""},
    {"jti", "\"~\""},
    {"other", "{\"a\":[1,2,{\"b\":null}]}"},
};

/* In place of all claims; ~ as above. */
static const char *const payloads[] = {
    NULL,
    "",
    "{}",
    "[]",
    "null",
    "{\"iss\":\"set\",",
    "{\"iss\":\"cert\",\"iss\":\"set\",\"sub\":\"set\"}",
    "{\"iss\":" TEN("[[[[") "0" TEN("]]]]") "}",
    "{\"iss\":\"set\",\"sub\":\"~\"}",
    "\xff\xfe{}",
};
/* clang-format on */

/* ---- parts ---- */

static const struct {
    size_t offset;
    unsigned ways;
} parts[HOSTILE_PARTS] = {
    {offsetof(struct hostile, app), HOSTILE_APPS},
    {offsetof(struct hostile, header), sizeof headers / sizeof *headers},
    {offsetof(struct hostile, claim), sizeof claims / sizeof *claims},
    {offsetof(struct hostile, payload), sizeof payloads / sizeof *payloads},
    {offsetof(struct hostile, form), HOSTILE_FORMS},
    {offsetof(struct hostile, signature), FORGE_SIGNATURES},
};

unsigned hostile_ways(unsigned part)
{
    return parts[part].ways;
}

unsigned *hostile_part(struct hostile *what, unsigned part)
{
    return (unsigned *)(void *)((char *)what + parts[part].offset);
}

bool hostile_names_its_app(const struct hostile *what)
{
    const char *changed = claims[what->claim].name;
    return strcmp(changed, "iss") != 0 && strcmp(changed, "sub") != 0 && !payloads[what->payload];
}

void hostile_describe(const struct hostile *what, struct auth_buf *out)
{
    const struct claim_row *claim = &claims[what->claim];
    auth_buf_addf(out, "app %s, form %u, signature %u%s%s", hostile_apps[what->app].client_id, what->form,
                  what->signature, what->is_by_stranger ? " by a stranger" : "",
                  what->is_header_padded ? ", padded header" : "");
    if (what->header)
        auth_buf_addf(out, ", header %s", headers[what->header]);
    if (what->claim)
        auth_buf_addf(out, ", %s %s", claim->name, claim->json ? claim->json : "left out");
    if (what->payload) {
        auth_buf_add_string(out, ", claims ");
        auth_text_escape(out, auth_view_from_string(payloads[what->payload]), 100);
    }
}

void hostile_url(const struct hostile_app *app, char url[128])
{
    snprintf(url, 128, "https://keys.example.org/%s", app->client_id);
}

/* ---- the JWT ---- */

static void expand(const char *text, const struct hostile_app *app, struct auth_buf *out)
{
    for (const char *c = text; *c; c++) {
        if (*c == '@')
            auth_buf_add_string(out, app->alg);
        else if (*c == '#')
            auth_buf_add_string(out, app->kid);
        else
            auth_buf_add_char(out, *c == '~' ? 'x' : *c);
        for (int i = 1; *c == '~' && i < LONG_N; i++)
            auth_buf_add_char(out, 'x');
    }
}

static void write_payload(const struct hostile *a, struct auth_buf *out)
{
    static const char *const names[] = {"iss", "sub", "aud", "exp", "jti", "nbf", "iat", "other"};
    char sound[8][160] = {"", "", "\"" HOSTILE_AUD "\"", "1790000060", "\"once\""};
    const struct claim_row *changed = &claims[a->claim];
    bool has_one = false;
    if (payloads[a->payload]) {
        expand(payloads[a->payload], &hostile_apps[a->app], out);
        return;
    }
    snprintf(sound[0], sizeof sound[0], "\"%s\"", hostile_apps[a->app].client_id);
    memcpy(sound[1], sound[0], sizeof sound[0]);
    auth_buf_add_char(out, '{');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *json = strcmp(names[i], changed->name) == 0 ? changed->json : sound[i][0] ? sound[i] : NULL;
        if (!json)
            continue;
        auth_buf_addf(out, "%s\"%s\":", has_one ? "," : "", names[i]);
        expand(json, &hostile_apps[a->app], out);
        has_one = true;
    }
    auth_buf_add_char(out, '}');
}

static void write_jwt(struct hostile_request *r, const struct hostile *a, EVP_PKEY *key)
{
    struct auth_buf header, payload;
    auth_buf_init(&header, TEXT_N);
    auth_buf_init(&payload, TEXT_N);
    auth_buf_reset(&r->jwt);
    expand(headers[a->header], &hostile_apps[a->app], &header);
    write_payload(a, &payload);
    forge_jwt(key, auth_buf_view(&header), auth_buf_view(&payload), a->is_header_padded,
              (enum forge_signature)a->signature, &r->jwt);
    auth_buf_clear(&payload);
    auth_buf_clear(&header);
}

/* ---- the form ---- */

static void add(struct hostile_request *r, const char *name, const char *value)
{
    auth_form_write(&r->body, auth_view_from_string(name), auth_view_from_string(value));
}

static const char *scope_of(unsigned form, struct auth_buf *text)
{
    switch (form) {
    case HOSTILE_SCOPE:
        return "system/Patient.r";
    case HOSTILE_SCOPE_PARTLY:
        return "system/Patient.r system/Encounter.r";
    case HOSTILE_SCOPE_OUT:
        return "system/Nothing.r";
    case HOSTILE_SCOPE_BAD:
        return "openid system/Patient.sr";
    case HOSTILE_SCOPE_LONG:
        auth_buf_add_string(text, "system/Patient.r?a=");
        for (int i = 0; i < 900; i++)
            auth_buf_add_string(text, "0123456789");
        return text->p;
    case HOSTILE_SCOPE_MANY:
        for (int i = 0; i < AUTH_SCOPES_MAX + 2; i++)
            auth_buf_add_string(text, "system/Patient.r ");
        return text->p;
    default:
        return NULL;
    }
}

static void add_scope(struct hostile_request *r, unsigned form)
{
    struct auth_buf text;
    auth_buf_init(&text, TEXT_N);
    const char *scope = scope_of(form, &text);
    if (scope)
        add(r, "scope", scope);
    auth_buf_clear(&text);
}

static void add_assertion(struct hostile_request *r, unsigned form)
{
    struct auth_view name = auth_view_from_string(form == HOSTILE_MISSPELT ? "client-assertion" : "client_assertion");
    if (form == HOSTILE_EMPTY_ASSERTION)
        add(r, "client_assertion", "");
    else if (form != HOSTILE_NO_ASSERTION)
        auth_form_write(&r->body, name, auth_buf_view(&r->jwt));
    if (form == HOSTILE_ASSERTION_TWICE)
        add(r, "client_assertion", "eyJ.eyJ.AAAA");
}

static void write_body(struct hostile_request *r, unsigned form)
{
    static const char grant[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    static const char type[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    auth_buf_reset(&r->body);
    auth_buf_add_string(&r->body, form == HOSTILE_JSON ? "{\"grant_type\":\"client_credentials\"}" : "");
    auth_buf_add_string(&r->body, form == HOSTILE_ESCAPE_FIRST ? "a=%z" : "");
    if (form == HOSTILE_EMPTY || form == HOSTILE_JSON)
        return;
    for (int i = 0; form == HOSTILE_MANY && i < AUTH_FORM_FIELDS_MAX; i++)
        add(r, "p", "v");
    if (form != HOSTILE_NO_GRANT)
        add(r, "grant_type", form == HOSTILE_OTHER_GRANT ? grant : "client_credentials");
    if (form != HOSTILE_NO_TYPE_PARAMETER)
        add(r, "client_assertion_type", form == HOSTILE_OTHER_TYPE_PARAMETER ? grant : type);
    add_assertion(r, form);
    if (form == HOSTILE_SECRET)
        add(r, "client_secret", "x");
    if (form == HOSTILE_CLIENT_ID)
        add(r, "client_id", "somebody-else");
    add_scope(r, form);
    auth_buf_add_string(&r->body, form == HOSTILE_ESCAPE_LAST ? "&a=%z" : "");
}

void hostile_write(struct hostile_request *r, const struct hostile *what, EVP_PKEY *key)
{
    static const char form_type[] = "application/x-www-form-urlencoded";
    write_jwt(r, what, key);
    write_body(r, what->form);
    r->method = what->form == HOSTILE_GET ? "GET" : "POST";
    r->content_type = what->form == HOSTILE_JSON_TYPE ? "application/json"
                      : what->form == HOSTILE_NO_TYPE ? ""
                      : what->form == HOSTILE_CHARSET ? "application/x-www-form-urlencoded; charset=latin1"
                                                      : form_type;
    auth_buf_reset(&r->query);
    auth_buf_add_string(&r->query, what->form == HOSTILE_QUERY ? "scope=x" : "");
    auth_buf_reset(&r->authorization);
    auth_buf_add_string(&r->authorization, what->form == HOSTILE_BASIC ? "Basic eDp5" : "");
}

void hostile_request_init(struct hostile_request *r)
{
    auth_buf_init(&r->body, 4 * TEXT_N);
    auth_buf_init(&r->jwt, 4 * TEXT_N);
    auth_buf_init(&r->query, TEXT_N);
    auth_buf_init(&r->authorization, TEXT_N);
}

void hostile_request_clear(struct hostile_request *r)
{
    auth_buf_clear(&r->body);
    auth_buf_clear(&r->jwt);
    auth_buf_clear(&r->query);
    auth_buf_clear(&r->authorization);
}

/* ---- the world ---- */

static void write_set(const struct hostile_app *app, struct auth_buf *out)
{
    char path[128];
    struct auth_key *key = NULL;
    struct auth_json_writer w;
    struct auth_buf text;
    snprintf(path, sizeof path, "keys/%s", app->file);
    support_read_fixture(path, &text);
    if (!strstr(app->file, ".pem")) {
        auth_buf_add_view(out, auth_buf_view(&text));
    } else {
        assert_int_equal(auth_key_from_cert(auth_buf_view(&text), &key, NULL), AUTH_OK);
        auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
        assert_int_equal(auth_key_write_jwk(key, app->kid, NULL, &w, NULL), AUTH_OK);
        auth_key_free(key);
    }
    auth_buf_clear(&text);
}

static enum auth_rc web_send(struct auth_http *web, const struct auth_http_request *request,
                             struct auth_http_response *response, struct auth_err *err)
{
    const char *name = strrchr(request->url, '/') + 1;
    (void)web;
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 4096);
    auth_buf_init(&response->body, request->body_max);
    for (unsigned i = 0; i < HOSTILE_APPS; i++) {
        if (strcmp(hostile_apps[i].client_id, name) != 0 || !hostile_apps[i].file)
            continue;
        response->status = 200;
        auth_buf_add_string(&response->headers, "content-type: application/json\n");
        write_set(&hostile_apps[i], &response->body);
        return AUTH_OK;
    }
    return auth_err_set(err, AUTH_E_NETWORK, "nobody there");
}

static void web_free(struct auth_http *web)
{
    (void)web; /* part of the bench */
}

static void register_app(struct hostile_world *world, const struct hostile_app *row)
{
    char path[128], url[128];
    struct auth_buf text = {0};
    struct auth_json *scopes = NULL;
    struct mock_app *app = NULL;
    struct auth_err err = {0};
    struct mock_app_parts given = {
        .client_id = auth_view_from_string(row->client_id),
        .has_background_user = !row->has_no_user,
        .is_production = row->is_production,
        .synced_after_s = row->synced_after_s,
    };
    hostile_url(row, url);
    snprintf(path, sizeof path, "keys/%s", row->file);
    if (row->source != AUTH_KEYS_JWKS_URL)
        support_read_fixture(path, &text);
    if (row->source == AUTH_KEYS_JWKS_URL)
        given.jwks_url = auth_view_from_string(url);
    else if (row->source == AUTH_KEYS_JWKS)
        given.jwks = auth_buf_view(&text);
    else
        given.certificate = auth_buf_view(&text);
    if (row->scopes)
        assert_int_equal(auth_json_parse(auth_view_from_string(row->scopes), &scopes, NULL), AUTH_OK);
    given.scopes = auth_json_root(scopes);
    if (mock_app_make(&given, SUPPORT_NOW_S - 10, &app, &err) != AUTH_OK)
        fail_msg("%s: %s", row->client_id, err.detail);
    assert_int_equal(mock_apps_put(&world->support.instance.apps, app, MOCK_APPS_ADD, NULL), AUTH_OK);
    auth_json_free(scopes);
    auth_buf_clear(&text);
}

static void load_keys(struct hostile_world *world, unsigned i)
{
    struct auth_buf set;
    world->keys[i][world->key_counts[i]++] = forge_key(hostile_apps[i].key);
    if (hostile_apps[i].other_key)
        world->keys[i][world->key_counts[i]++] = forge_key(hostile_apps[i].other_key);
    if (!hostile_apps[i].file)
        return;
    auth_buf_init(&set, TEXT_N);
    write_set(&hostile_apps[i], &set);
    assert_int_equal(auth_jwk_set_parse(auth_buf_view(&set), &world->sets[i], NULL), AUTH_OK);
    auth_buf_clear(&set);
}

void hostile_world_init(struct hostile_world *world)
{
    memset(world, 0, sizeof *world);
    world->web = (struct auth_http){.send = web_send, .free = web_free};
    support_init_with(&world->support, "epic", &world->web, auth_env_system());
    world->stranger = forge_key("rsa3072_a");
    for (unsigned i = 0; i < HOSTILE_APPS; i++) {
        load_keys(world, i);
        if (!hostile_apps[i].is_nobody)
            register_app(world, &hostile_apps[i]);
    }
}

void hostile_world_clear(struct hostile_world *world)
{
    support_clear(&world->support);
    for (unsigned i = 0; i < HOSTILE_APPS; i++)
        auth_jwk_set_clear(&world->sets[i]);
}

int hostile_send(struct hostile_world *world, const struct hostile_request *r, struct auth_buf *answer)
{
    struct mock_response response;
    struct mock_header fields[] = {
        {auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")},
        {auth_view_from_string("Content-Type"), auth_view_from_string(r->content_type)},
        {auth_view_from_string("Authorization"), auth_buf_view(&r->authorization)},
    };
    struct mock_request request = {
        .method = auth_view_from_string(r->method),
        .path = auth_view_from_string(SUPPORT_TOKEN_PATH),
        .query = auth_buf_view(&r->query),
        .headers = fields,
        .header_count = r->authorization.n ? 3 : 2,
        .body = auth_buf_view(&r->body),
        .is_loopback_peer = true,
    };
    mock_response_init(&response);
    mock_dispatch(&world->support.instance, &request, &response);
    mock_response_body(&response, answer);
    int status = response.is_spoiled ? 500 : response.status;
    for (size_t i = 0; i < response.header_count; i++) {
        int64_t id;
        if (strcmp(response.headers[i].name, "X-Mock-Epic-Decision") == 0 &&
            auth_view_int(auth_view_from_string(response.headers[i].value), &id))
            world->decision = (uint64_t)id;
    }
    mock_response_clear(&response);
    return status;
}
