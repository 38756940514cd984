/* What may not be kept of a request: access tokens that this server remembers, known by value wherever they stand and however
 * they are escaped, and JWTs, known by their shape. The journal masks every text that it keeps, and account.c what it says of
 * a request. (Log lines go through auth/core/redact.h besides; query parameters whose name says secret are left out by
 * dispatch.c.) */
#ifndef MOCK_EPIC_STATE_REDACTION_H
#define MOCK_EPIC_STATE_REDACTION_H

#include "auth/rules/rules.h"
#include "mock_epic/store/store.h"

enum mock_redaction {
    MOCK_REDACT_PROSE, /* a sentence, or JSON: a secret does not go on behind white space */
    MOCK_REDACT_VALUE  /* one value: white space in it is nothing, as if it had been wrapped */
};

/* Mask in place: "[redacted]" and stars, as many bytes as there were; what was JSON stays JSON. Texts without a long word and
 * without escapes, which is nearly all, cost one look at each byte.
 * in   store  of the tokens; NULL: shapes alone
 * note without memory, and after 256 questions to the store, all that might be a token is masked */
void mock_redact(struct mock_store *store, enum mock_redaction kind, char *text, size_t n);
/* Mask what a report has copied of a request. */
void mock_redact_report(struct mock_store *store, struct auth_report *report);

/* The first max bytes of text for mock_redact(): no word that is cut off is left, with what hangs on it by dots, since half a
 * token is known to nobody and may be nearly all of it. */
struct auth_view mock_redaction_cut(struct auth_view text, size_t max);

#endif
