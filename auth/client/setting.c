/* The table of settings. */
#include "auth/client/setting.h"

#include "auth/auth.h"

struct setting {
    const char *name;
    enum auth_setting_kind kind;
    enum auth_setting_need need;
    size_t at; /* of the member of struct epic_auth_options; AUTH_SETTING_SWITCH: a bool */
};

#define AT(member) offsetof(struct epic_auth_options, member)
static const struct setting settings[AUTH_SETTINGS] = {
    // clang-format off
    [AUTH_SET_CLIENT_ID] = {"EPIC_BACKEND_CLIENT_ID", AUTH_SETTING_TEXT, AUTH_SETTING_NEEDED, AT(client_id)},
    [AUTH_SET_TOKEN_URL] = {"EPIC_TOKEN_URL", AUTH_SETTING_URL, AUTH_SETTING_NEEDED, AT(token_url)},
    [AUTH_SET_FHIR_BASE_URL] = {"EPIC_FHIR_BASE_URL", AUTH_SETTING_URL, AUTH_SETTING_NEEDED, AT(fhir_base_url)},
    [AUTH_SET_KEY_PATH] = {"EPIC_PRIVATE_KEY_PATH", AUTH_SETTING_PATH, AUTH_SETTING_NEEDED, AT(private_key_path)},
    [AUTH_SET_KEY_PEM] = {"EPIC_PRIVATE_KEY_PEM", AUTH_SETTING_SECRET, AUTH_SETTING_OPTIONAL, AT(private_key_pem)},
    [AUTH_SET_KEY_PASSPHRASE] = {"EPIC_PRIVATE_KEY_PASSPHRASE", AUTH_SETTING_SECRET, AUTH_SETTING_OPTIONAL,
                                 AT(private_key_passphrase)},
    [AUTH_SET_KEY_PASSPHRASE_FILE] = {"EPIC_PRIVATE_KEY_PASSPHRASE_FILE", AUTH_SETTING_PATH, AUTH_SETTING_OPTIONAL,
                                      AT(private_key_passphrase_file)},
    [AUTH_SET_KEY_ID] = {"EPIC_KEY_ID", AUTH_SETTING_TEXT, AUTH_SETTING_OPTIONAL, AT(key_id)},
    [AUTH_SET_JKU] = {"EPIC_JKU", AUTH_SETTING_URL, AUTH_SETTING_OPTIONAL, AT(jku)},
    [AUTH_SET_SCOPES] = {"EPIC_SCOPES", AUTH_SETTING_TEXT, AUTH_SETTING_OPTIONAL, AT(scopes)},
    [AUTH_SET_CA_FILE] = {"EPIC_CA_FILE", AUTH_SETTING_PATH, AUTH_SETTING_OPTIONAL, AT(ca_file)},
    [AUTH_SET_ALLOW_PLAIN_HTTP] = {"EPIC_ALLOW_PLAIN_HTTP", AUTH_SETTING_SWITCH, AUTH_SETTING_OPTIONAL,
                                   AT(allow_plain_http)},
    [AUTH_SET_TOKEN_CACHE] = {"EPIC_TOKEN_CACHE", AUTH_SETTING_PATH, AUTH_SETTING_OPTIONAL, AT(token_cache)},
    // clang-format on
};
#undef AT

const char *auth_setting_name(enum auth_setting setting)
{
    return settings[setting].name;
}

enum auth_setting_kind auth_setting_kind(enum auth_setting setting)
{
    return settings[setting].kind;
}

bool auth_setting_is_secret(enum auth_setting setting)
{
    return settings[setting].kind == AUTH_SETTING_SECRET;
}

enum auth_setting_need auth_setting_need(enum auth_setting setting)
{
    return settings[setting].need;
}

size_t auth_setting_option(enum auth_setting setting)
{
    return settings[setting].at;
}
