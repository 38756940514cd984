/* Journal entries without what differs from run to run, so that two runs of one client can be compared line by line.
 *
 * What is left out: time, server_us, real_us, and of verdicts that passed all but rule and result. What is put in its place:
 *     the port of a URL or an authority     PORT            a name that an instance was given by the server    /i/INSTANCE
 *     a jti                                 jti-1, jti-2 by first appearance, so that one used twice shows
 *     iat                                   now, ahead or behind (by more than 14 s of server time)
 *     exp, nbf, auth_time beside an iat     iat+300; without one as iat
 *     kid, x5t, x5t#S256 of the header      KEY
 *     an epoch time in a text               T               so many seconds in one                             # s
 *     the secret end of a link to a page    LINK
 * Signatures and tokens are in no journal. All else is as it was, in order of id. */
#ifndef MOCK_EPIC_EVIDENCE_NORMALIZE_H
#define MOCK_EPIC_EVIDENCE_NORMALIZE_H

#include "auth/core/json.h"

/* in   journal  an array of entries, as GET /mock/journal answers, or lines of one each, as run --journal writes
 * out  *out     lines, appended
 * rc   AUTH_E_SYNTAX (detail: which line), AUTH_E_TOO_BIG, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_normalize(struct auth_view journal, struct auth_buf *out, struct auth_err *err);

#endif
