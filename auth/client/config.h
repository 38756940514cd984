/* Settings: options beat the environment, the environment beats .env (as python-dotenv does), .env beats defaults. What is
 * empty is set: to nothing. */
#ifndef AUTH_CLIENT_CONFIG_H
#define AUTH_CLIENT_CONFIG_H

#include "auth/auth.h"
#include "auth/client/setting.h"
#include "auth/core/buf.h"

struct auth_config {
    char *values[AUTH_SETTINGS];        /* NULL: not set, or set to nothing */
    const char *origins[AUTH_SETTINGS]; /* "option", "environment", ".env"; NULL: not set */
    /* A name that somebody meant for a setting which is not set ("EPIC_CLIENT_ID"), and where it stands; NULL: none */
    char *near[AUTH_SETTINGS];
    const char *near_origins[AUTH_SETTINGS];
    struct auth_buf remarks; /* what is odd though it can be read, a line each; no value of a secret setting */
};

/* Is what should be the path of a key file the key itself, as in "$(cat key.pem)"? */
bool auth_config_is_key_text(const char *path);
/* A setting that is on or off. */
bool auth_config_is_on(const struct auth_config *config, enum auth_setting setting);
/* Append why a setting has no value: "EPIC_TOKEN_URL is not set (EPIC_TOKEN_ENDPOINT is, in .env)". */
void auth_config_explain_missing(const struct auth_config *config, enum auth_setting setting, struct auth_buf *out);

/* Read all settings. rc AUTH_E_CONFIG (a .env that cannot be read: detail names line and cause; a value that a setting
 * cannot have), AUTH_E_NOMEM
 * out  config  caller clears with auth_config_clear() */
AUTH_MUST_CHECK enum auth_rc auth_config_load(const struct epic_auth_options *options, struct auth_config *config,
                                              struct auth_err *err);
void auth_config_clear(struct auth_config *config);

/* Does the FHIR base URL come from a .env while neither key nor token URL do? Then whoever wrote that file decides where a
 * token goes that is none of his. */
bool auth_config_is_base_alone(const struct auth_config *config);

#endif
