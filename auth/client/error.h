/* What a caller is told: the detail of a failure, and events. Secrets are replaced in all of it. */
#ifndef AUTH_CLIENT_ERROR_H
#define AUTH_CLIENT_ERROR_H

#include "auth/auth.h"
#include "auth/core/json.h"
#include "auth/core/secrets.h"

/* What is told to the owner of a handle, and what must not be in it. */
struct auth_voice {
    struct auth_secrets *secrets; /* key, assertions and tokens: kept out of every text for people */
    void (*on_event)(void *ctx, const char *line);
    void (*on_warning)(void *ctx, const char *line);
    void *ctx;
};

/* Start over: nothing went wrong yet. */
void auth_error_clear(struct epic_auth_error *error);
/* Copy what a server said into an array of size n, safe for terminals and logs: control bytes made visible, secrets
 * replaced, since a server may echo the assertion or the token, and "..." where it was cut. secrets may be NULL. */
void auth_error_keep(struct auth_secrets *secrets, char *to, size_t n, struct auth_view text);
/* Record and return rc. voice: whose secrets are replaced, NULL while there is none. error may be NULL. */
enum epic_auth_rc auth_error_set(const struct auth_voice *voice, struct epic_auth_error *error, enum epic_auth_rc rc,
                                 const char *format, ...) AUTH_PRINTF(4, 5);
/* Put words before and behind the message there is. error may be NULL. */
void auth_error_wrap(const struct auth_voice *voice, struct epic_auth_error *error, const char *before,
                     const char *behind);
/* "out of memory" */
enum epic_auth_rc auth_error_nomem(struct epic_auth_error *error);
/* EPIC_AUTH_E_ARGUMENT: a pointer that is needed is NULL. */
enum epic_auth_rc auth_error_null(struct epic_auth_error *error);
/* An outcome of our own as a caller sees it. */
enum epic_auth_rc auth_error_rc(enum auth_rc rc);
/* Record one and return it so. */
enum epic_auth_rc auth_error_from(const struct auth_voice *voice, struct epic_auth_error *error, enum auth_rc rc,
                                  const struct auth_err *err);
/* Add every issue of an OperationOutcome. */
void auth_error_add_issues(const struct auth_voice *voice, struct epic_auth_error *error,
                           const struct auth_json_node *outcome);
void auth_issue_read(const struct auth_voice *voice, struct epic_auth_issue *issue, const struct auth_json_node *node);
/* Tell the owner of the handle, secrets replaced: what is done, or what a person should know although the call succeeds. */
void auth_voice_tell(const struct auth_voice *voice, const char *format, ...) AUTH_PRINTF(2, 3);
void auth_voice_warn(const struct auth_voice *voice, const char *format, ...) AUTH_PRINTF(2, 3);

#endif
