/* Secrets known by value, so that they can be kept out of every line for people: see auth/core/redact.h.
 *
 * A holder belongs to one handle, server or log. It keeps copies and wipes them. What is kept: private keys and passwords
 * for good; of tokens and assertions, which come and go, the newest 32. */
#ifndef AUTH_CORE_SECRETS_H
#define AUTH_CORE_SECRETS_H

#include "auth/core/redact.h"

/* A whole secret is known from so many characters on, where a word begins; shorter ones are none. */
enum { AUTH_SECRETS_WORD_MIN_N = 6 };
/* Any so many characters in a row that belong to a secret count as a piece of it. */
enum { AUTH_SECRETS_PIECE_N = 12 };

enum auth_secrets_life { AUTH_SECRETS_KEPT, AUTH_SECRETS_PASSING };

struct auth_secrets;

/* rc  AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_secrets_new(struct auth_secrets **out);
void auth_secrets_free(struct auth_secrets *secrets); /* wipes; NULL is fine */

/* Know a secret from now on. The lines that frame a PEM file are left out of it.
 * in   secret  copied
 * rc   AUTH_E_NOMEM (also for more than 16 that are kept)
 * threads  safe: any number at once, for all functions but _new and _free */
AUTH_MUST_CHECK enum auth_rc auth_secrets_add(struct auth_secrets *secrets, enum auth_secrets_life life,
                                              struct auth_view secret);
/* The find function of struct auth_redact_known; ctx is the struct auth_secrets. */
size_t auth_secrets_find(void *secrets, struct auth_view text, bool is_word);
/* auth_redact() with these. secrets may be NULL. */
void auth_secrets_redact(struct auth_secrets *secrets, struct auth_buf *out, struct auth_view text);

#endif
