/* Settings: options beat the environment, the environment beats .env (as python-dotenv does), .env beats defaults. What is
 * empty in the environment is set: to nothing. */
#ifndef AUTH_CLIENT_CONFIG_H
#define AUTH_CLIENT_CONFIG_H

#include "auth/auth.h"
#include "auth/core/buf.h"

enum auth_setting {
    AUTH_SET_CLIENT_ID,
    AUTH_SET_TOKEN_URL,
    AUTH_SET_FHIR_BASE_URL,
    AUTH_SET_KEY_PATH,
    AUTH_SET_KEY_PEM, /* secret */
    AUTH_SET_KEY_ID,
    AUTH_SET_JKU,
    AUTH_SET_SCOPES,
    AUTH_SET_CA_FILE,
    AUTH_SETTINGS
};

struct auth_config {
    char *values[AUTH_SETTINGS];        /* NULL: not set, or set to nothing */
    const char *origins[AUTH_SETTINGS]; /* "option", "environment", ".env"; NULL: not set */
    char remark[128];                   /* what is odd in the .env, though it can be read; "": nothing */
};

const char *auth_config_name(enum auth_setting setting); /* "EPIC_TOKEN_URL" */
bool auth_config_is_secret(enum auth_setting setting);
/* Is what should be the path of a key file the key itself, as in "$(cat key.pem)"? */
bool auth_config_is_key_text(const char *path);

/* Read all settings. rc AUTH_E_CONFIG (a .env that cannot be read: detail names line and cause), AUTH_E_NOMEM
 * out  config  caller clears with auth_config_clear() */
AUTH_MUST_CHECK enum auth_rc auth_config_load(const struct epic_auth_options *options, struct auth_config *config,
                                              struct auth_err *err);
void auth_config_clear(struct auth_config *config);

/* Does the FHIR base URL come from a .env while neither key nor token URL do? Then whoever wrote that file decides where a
 * token goes that is none of his. */
bool auth_config_is_base_alone(const struct auth_config *config);

/* Call `take` for each NAME=VALUE of a .env text: "export ", quotes, CRLF, BOM, inline comments; nothing is executed
 * or expanded. Lines of other programs that are none are passed over.
 * out  foreign_line  the first such line; 0: none
 * rc   AUTH_E_SYNTAX (detail: line): a setting of ours that is malformed, a quote that never ends */
AUTH_MUST_CHECK enum auth_rc auth_config_parse_env(struct auth_view text,
                                                   enum auth_rc (*take)(void *ctx, struct auth_view name,
                                                                        struct auth_view value),
                                                   void *ctx, size_t *foreign_line, struct auth_err *err);

#endif
