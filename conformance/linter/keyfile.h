/* A file that should hold a key, looked at alone: what it is, the keys in it, and what Epic would object to.
 *
 * keys.h loads the registered key for the judge; this is for people who hold a file and wonder. */
#ifndef CONFORMANCE_LINTER_KEYFILE_H
#define CONFORMANCE_LINTER_KEYFILE_H

#include "auth/rules/rules.h"

struct conf_note {
    enum auth_result result; /* AUTH_WARN or AUTH_FAIL */
    char what[320];          /* safe for a terminal */
    const char *fix;         /* static; empty when `what` says it */
};

enum { CONF_NOTES_MAX = 32 };

struct conf_keyfile {
    const char *path; /* borrowed */
    enum auth_key_format format;
    struct auth_jwk_set set;    /* its keys: one, or those of a JWK Set, or none */
    struct auth_jwk_set beside; /* the certificate that stands in the same file as a private key; or none */
    struct conf_note notes[CONF_NOTES_MAX];
    size_t note_count; /* what comes after CONF_NOTES_MAX is dropped */
};

/* Read and judge one file. A private part is loaded to be compared and is never shown.
 * out  file  init by this call; caller clears with conf_keyfile_clear(), also after a failure
 * rc   AUTH_OK whatever the file holds; AUTH_E_IO and its like: it cannot be read; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_keyfile_read(const char *path, struct conf_keyfile *file, struct auth_err *err);
void conf_keyfile_clear(struct conf_keyfile *file);

bool conf_keyfile_is_private(const struct conf_keyfile *file);
/* Is the (private) key of the one among the keys of the other? */
bool conf_keyfile_matches(const struct conf_keyfile *key, const struct conf_keyfile *other);
/* Did anything fail? */
bool conf_keyfile_is_bad(const struct conf_keyfile *file);

#endif
