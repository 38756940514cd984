/* Which settings there are: one table of names, kinds and places. */
#ifndef AUTH_CLIENT_SETTING_H
#define AUTH_CLIENT_SETTING_H

#include <stdbool.h>
#include <stddef.h>

enum auth_setting {
    AUTH_SET_CLIENT_ID,
    AUTH_SET_TOKEN_URL,
    AUTH_SET_FHIR_BASE_URL,
    AUTH_SET_KEY_PATH,
    AUTH_SET_KEY_PEM,             /* secret */
    AUTH_SET_KEY_PASSPHRASE,      /* secret */
    AUTH_SET_KEY_PASSPHRASE_FILE, /* its first line is the passphrase */
    AUTH_SET_KEY_ID,
    AUTH_SET_JKU,
    AUTH_SET_SCOPES,
    AUTH_SET_CA_FILE,
    AUTH_SET_ALLOW_PLAIN_HTTP,
    AUTH_SET_TOKEN_CACHE,
    AUTH_SETTINGS
};

enum auth_setting_kind {
    AUTH_SETTING_TEXT,
    AUTH_SETTING_URL,
    AUTH_SETTING_PATH,
    AUTH_SETTING_SECRET,
    AUTH_SETTING_SWITCH
};
/* What people must give, what most leave alone. */
enum auth_setting_need { AUTH_SETTING_NEEDED, AUTH_SETTING_OPTIONAL };

const char *auth_setting_name(enum auth_setting setting); /* "EPIC_TOKEN_URL" */
bool auth_setting_is_secret(enum auth_setting setting);
/* Is there nothing that the setting could be left to? The key is needed once, as a path or as a text: by its path here. */
enum auth_setting_need auth_setting_need(enum auth_setting setting);
enum auth_setting_kind auth_setting_kind(enum auth_setting setting);
/* Offset of its member in struct epic_auth_options: a string, or of a switch a bool. */
size_t auth_setting_option(enum auth_setting setting);

#endif
