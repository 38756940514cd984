/* What a line for people may show: secrets go, everything else stays readable.
 *
 * Two ways to know a secret. By its shape: a JWT, the value of a labelled secret (client_assertion=, "access_token":), what
 * follows Bearer or Basic, the body of a PEM private key (its BEGIN and END lines are no secret and stay: they are what
 * advice speaks of), the private members of a JWK. And by its value: whoever holds secrets says so through a function, and
 * they are found wherever they stand, also percent-encoded, JSON-escaped, in base64 or hex, wrapped over lines or cut; auth/core/secrets.h
 * is such a holder, a server's table of live tokens may be another. */
#ifndef AUTH_CORE_REDACT_H
#define AUTH_CORE_REDACT_H

#include "auth/core/buf.h"

/* Secrets known by value. */
struct auth_redact_known {
    /* How many characters at the start of text are a secret or a piece of one; 0: none. Asked for every place of a text, so
     * an answer of 0 should be quick.
     * in   text     unescaped, without white space, up to its end; never empty
     *      is_word  a word begins here: letters and digits do not stand before it */
    size_t (*find)(void *ctx, struct auth_view text, bool is_word);
    void *ctx;
};

/* Append text to out with each secret replaced by "[redacted]" and control bytes made visible (auth_text_escape()). Linear in
 * the text.
 * in   text   untrusted
 *      known  may be NULL: shapes alone
 * note without memory the whole text is replaced */
void auth_redact(struct auth_buf *out, struct auth_view text, const struct auth_redact_known *known);

/* Text as values are compared in: percent-encoding, JSON and HTML escapes undone, white space and NULs left out.
 * out  plain  appended to; starts, when not NULL, gets for each of its characters where it begins in the text (the caller
 *             gives an array of text.n + 1 numbers; the last one is text.n) */
void auth_redact_plain(struct auth_view text, struct auth_buf *plain, uint32_t *starts);

#endif
