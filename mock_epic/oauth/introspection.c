/* Who may ask about which token, and what is told. */
#include "mock_epic/oauth/introspection.h"

#include "auth/core/form.h"
#include "auth/core/text.h"
#include "auth/jose/digest.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/state/tokens.h"

static void write_error(struct mock_response *response)
{
    response->status = 400;
    mock_response_add_text(
        response,
        auth_view_from_string("{\r\n  \"error\": \"invalid_request\",\r\n  \"error_description\": null\r\n}"));
}

/* 32 hex digits, the same for every question about one token, and no way back to it. */
static void add_jti(struct auth_json_writer *w, struct auth_view token)
{
    unsigned char digest[AUTH_SHA256_N];
    struct auth_buf hex;
    auth_buf_init(&hex, 64);
    if (auth_digest_sha256(&token, 1, digest) == AUTH_OK)
        auth_text_hex(&hex, digest, 16, false);
    else
        hex.is_spoiled = true;
    auth_json_write_member_buf(w, "jti", &hex);
    auth_buf_clear(&hex);
}

/* What a backend app's token has of the members seen (O), in their order; patient and fhirUser belong to people. What Epic says
 * of a background user in username and epic_user_type is unknown (?): its name as notes have it, and that it is of the staff. */
static void write_members(struct mock_instance *instance, const struct mock_token *token, bool is_active,
                          struct auth_view text, struct mock_response *response)
{
    struct mock_app *app = mock_apps_acquire(&instance->apps, auth_view_from_string(token->client_id));
    struct auth_json_writer w;
    auth_json_writer_init(&w, &response->text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_bool(&w, "active", is_active);
    if (token->scope[0] || !app)
        auth_json_write_member_text(&w, "scope", token->scope);
    else
        mock_scopes_write(&app->scopes,
                          (enum mock_scopes_version)(1 + instance->profile.values[AUTH_SWITCH_SCOPE_VERSION]), &w);
    auth_json_write_member_text(&w, "client_id", token->client_id);
    auth_json_write_member_text(&w, "username", "INTERCONNECT");
    auth_json_write_member_int(&w, "exp", token->expires_s);
    auth_json_write_member_text(&w, "sub", token->client_id);
    auth_json_write_member_text(&w, "iss", instance->issuer_url);
    add_jti(&w, text);
    auth_json_write_member_text(&w, "epic_user_type", "EMP");
    auth_json_write_end_object(&w);
    mock_response_seal_text(response);
    mock_app_release(app);
}

static void answer(struct mock_instance *instance, const struct mock_app *asker, struct auth_view text, int64_t now_s,
                   struct mock_response *response)
{
    struct mock_token token;
    const int64_t *values = instance->profile.values;
    enum auth_rc rc = mock_tokens_find(instance->store, text, &token);
    if (rc != AUTH_OK && rc != AUTH_E_NOT_FOUND) {
        response->status = 503; /* an internal error; "inactive" would make a client throw a good token away */
        return;
    }
    bool is_told = rc == AUTH_OK && (values[AUTH_SWITCH_INTROSPECT_FOREIGN] == 1 ||
                                     auth_view_equals(auth_view_from_string(token.client_id), asker->client_id));
    bool is_active = is_told && token.expires_s > now_s;
    if (is_active || (is_told && values[AUTH_SWITCH_INTROSPECT_EXPIRED] == 1))
        write_members(instance, &token, is_active, text, response);
    else
        mock_response_add_text(response, auth_view_from_string("{\"active\":false}"));
}

void mock_introspect(struct mock_instance *instance, const struct mock_request *request, const struct mock_app *app,
                     int64_t now_s, struct mock_response *response)
{
    struct auth_form form;
    mock_headers_fhir(response); /* Cache-Control: no-cache,no-store, in this spelling (O) */
    mock_response_header(response, "Content-Type", "application/json; charset=utf-8");
    enum auth_rc rc = auth_form_parse(request->body, &form, NULL);
    struct auth_view text = rc == AUTH_OK ? auth_form_value(&form, "token") : auth_view_from_string("");
    if (rc == AUTH_E_NOMEM)
        response->status = 503;
    else if (!auth_view_equals(request->method, "POST") || text.n == 0)
        write_error(response);
    else
        answer(instance, app, text, now_s, response);
    auth_form_clear(&form);
}
