/* gzip undone: fixtures may come compressed. The only user of zlib. */
#ifndef MOCK_EPIC_DATA_GUNZIP_H
#define MOCK_EPIC_DATA_GUNZIP_H

#include "auth/core/buf.h"

/* Whether a file begins as a gzip file does. */
bool mock_is_gzip(struct auth_view bytes);

/* Append what a gzip file holds: all its members, one after another; zeros behind the last are padding.
 * in   out  its cap bounds what a small file can grow to
 * rc   AUTH_E_SYNTAX (cut short, a wrong checksum, bytes behind the end; out is then of no use), AUTH_E_TOO_BIG (beyond the
 *      cap), AUTH_E_NOMEM
 * src  RFC 1952 */
AUTH_MUST_CHECK enum auth_rc mock_gunzip(struct auth_view bytes, struct auth_buf *out, struct auth_err *err);

#endif
