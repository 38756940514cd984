/* Signatures as people get them wrong. */
#ifndef CONFORMANCE_SUITE_SIGNATURE_H
#define CONFORMANCE_SUITE_SIGNATURE_H

#include "auth/core/buf.h"

/* Append the last part of a JWS.
 * in   how  "" as it should be; "over_more": made over a longer payload than is sent, so as it is; "flipped", "empty", "longer", "shorter" (by a byte), "padded" (to the length that it has as text);
 *           "hex", "base64", "base64url": that text is encoded once more; "stray_bits", "plus" (in place of -): its own text is
 *           spelt otherwise; "der": r and s as ASN.1
 *      raw  the sound one; changed
 * rc   AUTH_E_SYNTAX: none of these */
AUTH_MUST_CHECK enum auth_rc conf_signature_write(struct auth_view how, struct auth_buf *raw, struct auth_buf *out,
                                                  struct auth_err *err);

#endif
