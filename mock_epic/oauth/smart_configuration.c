/* The discovery document: Epic's, and SMART's own. */
#include "mock_epic/oauth/smart_configuration.h"

#include "auth/core/json.h"
#include "mock_epic/epic/headers.h"

static void write_list(struct auth_json_writer *w, const char *key, const char *const *items)
{
    auth_json_write_key(w, key);
    auth_json_write_array(w);
    for (; *items; items++)
        auth_json_write_string(w, auth_view_from_string(*items));
    auth_json_write_end_array(w);
}

static void write_url(struct auth_json_writer *w, const char *key, struct auth_view base, const char *path)
{
    struct auth_buf url;
    auth_buf_init(&url, 4096);
    auth_buf_add_view(&url, base);
    auth_buf_add_string(&url, path);
    auth_json_write_member_buf(w, key, &url);
    auth_buf_clear(&url);
}

static void write_epic(struct auth_json_writer *w, struct auth_view base_url)
{
    static const char *const methods[] = {"client_secret_post", "client_secret_basic", "private_key_jwt", NULL};
    static const char *const scopes[] = {"epic.scanning.dmsusername", "fhirUser", "launch", "openid", "profile", NULL};
    static const char *const responses[] = {"code", NULL};
    static const char *const capabilities[] = {"launch-ehr",
                                               "launch-standalone",
                                               "client-public",
                                               "client-confidential-symmetric",
                                               "client-confidential-asymmetric",
                                               "context-banner",
                                               "context-style",
                                               "context-ehr-patient",
                                               "context-ehr-encounter",
                                               "context-standalone-patient",
                                               "permission-offline",
                                               "permission-patient",
                                               "permission-user",
                                               "permission-v1",
                                               "permission-v2",
                                               "sso-openid-connect",
                                               "authorize-post",
                                               NULL};
    static const char *const grants[] = {"authorization_code",
                                         "refresh_token",
                                         "client_credentials",
                                         "urn:ietf:params:oauth:grant-type:jwt-bearer",
                                         "urn:ietf:params:oauth:grant-type:token-exchange",
                                         NULL};
    static const char *const challenges[] = {"S256", NULL};
    write_url(w, "authorization_endpoint", base_url, "/oauth2/authorize");
    write_url(w, "token_endpoint", base_url, "/oauth2/token");
    write_list(w, "token_endpoint_auth_methods_supported", methods);
    write_list(w, "scopes_supported", scopes);
    write_list(w, "response_types_supported", responses);
    write_list(w, "capabilities", capabilities);
    write_list(w, "grant_types_supported", grants);
    write_list(w, "code_challenge_methods_supported", challenges);
    write_url(w, "issuer", base_url, "/oauth2");
    write_url(w, "jwks_uri", base_url, "/api/epic/2019/Security/Open/PublicKeys/530027/OIDC");
}

/* SMART 2.2 of a server for backend services alone: code_challenge_methods_supported is demanded of everybody;
 * authorization_endpoint, issuer and jwks_uri only of servers that launch apps or sign people in. */
static void write_smart(struct auth_json_writer *w, struct auth_view base_url)
{
    static const char *const methods[] = {"private_key_jwt", NULL};
    static const char *const algs[] = {"RS384", "ES384", NULL};
    static const char *const scopes[] = {"system/*.rs", "system/*.read", NULL};
    static const char *const grants[] = {"client_credentials", NULL};
    static const char *const challenges[] = {"S256", NULL};
    static const char *const capabilities[] = {"client-confidential-asymmetric", "permission-v1", "permission-v2",
                                               NULL};
    write_url(w, "token_endpoint", base_url, "/oauth2/token");
    write_list(w, "token_endpoint_auth_methods_supported", methods);
    write_list(w, "token_endpoint_auth_signing_alg_values_supported", algs);
    write_list(w, "grant_types_supported", grants);
    write_list(w, "scopes_supported", scopes);
    write_url(w, "introspection_endpoint", base_url, "/oauth2/introspect");
    write_list(w, "code_challenge_methods_supported", challenges);
    write_list(w, "capabilities", capabilities);
}

void mock_smart_configuration(struct auth_view base_url, bool is_smart_profile, struct mock_response *response)
{
    struct auth_json_writer w;
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", "application/json; charset=utf-8");
    auth_json_writer_init(&w, &response->text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    if (is_smart_profile)
        write_smart(&w, base_url);
    else
        write_epic(&w, base_url);
    auth_json_write_end_object(&w);
    mock_response_seal_text(response);
}

void mock_openid_configuration(struct auth_view base_url, struct mock_response *response)
{
    static const char *const responses[] = {"code", NULL};
    static const char *const subjects[] = {"public", NULL};
    static const char *const algs[] = {"RS256", NULL};
    static const char *const scopes[] = {"epic.scanning.dmsusername", "fhirUser", "launch", "openid", "profile", NULL};
    static const char *const methods[] = {"client_secret_post", "client_secret_basic", "private_key_jwt", NULL};
    struct auth_json_writer w;
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", "application/json; charset=utf-8");
    auth_json_writer_init(&w, &response->text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    write_url(&w, "authorization_endpoint", base_url, "/oauth2/authorize");
    write_list(&w, "id_token_signing_alg_values_supported", algs);
    write_url(&w, "introspection_endpoint", base_url, "/oauth2/introspect");
    write_url(&w, "issuer", base_url, "/oauth2");
    write_url(&w, "jwks_uri", base_url, "/api/epic/2019/Security/Open/PublicKeys/530027/OIDC");
    write_list(&w, "response_types_supported", responses);
    write_list(&w, "scopes_supported", scopes);
    write_list(&w, "subject_types_supported", subjects);
    write_url(&w, "token_endpoint", base_url, "/oauth2/token");
    write_list(&w, "token_endpoint_auth_methods_supported", methods);
    auth_json_write_end_object(&w);
    mock_response_seal_text(response);
}
