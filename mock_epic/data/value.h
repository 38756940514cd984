/* Values of searches and of resources: dates as intervals, tokens, references, text; parsed once, compared.
 *
 * Pure; the resource's side is JSON text that was checked. */
#ifndef MOCK_EPIC_DATA_VALUE_H
#define MOCK_EPIC_DATA_VALUE_H

#include "auth/core/buf.h"

/* Cut off the first value of a comma list, where "\," is no separator. As auth_view_split(). */
struct auth_view mock_value_split(struct auth_view *list);
/* The value without its backslashes before , | $ and \. Shorter than or as long as the value.
 * in  to  room for value.n bytes */
struct auth_view mock_value_unescape(struct auth_view value, char *to);

/* ---- dates ---- */

/* From start on, up to but without end; microseconds since 1970, INT64_MIN and INT64_MAX for what is open. */
struct mock_interval {
    int64_t start, end;
};

enum mock_prefix { MOCK_EQ, MOCK_NE, MOCK_GT, MOCK_LT, MOCK_GE, MOCK_LE, MOCK_SA, MOCK_EB, MOCK_AP };

/* Cut the two letters off a date's value; MOCK_EQ when there are none. */
enum mock_prefix mock_prefix_cut(struct auth_view *value);
/* Any FHIR date, dateTime or instant: YYYY[-MM[-DD[Thh:mm[:ss[.f]][zone]]]]; without a zone UTC. The interval is all that the
 * text may mean. False when it is none (a day that is not in the calendar is none). */
bool mock_date_read(struct auth_view text, struct mock_interval *interval);
/* Whether a search for `prefix wanted` finds a value that lies in `there` (FHIR R4 3.1.1.4.6, 3.1.1.5.7). now_us is for MOCK_AP. */
bool mock_date_matches(enum mock_prefix prefix, struct mock_interval wanted, struct mock_interval there,
                       int64_t now_us);

/* ---- tokens ---- */

/* code | system|code | |code | system| */
struct mock_token {
    struct auth_view system, code;
    bool has_system, has_code; /* has_system with an empty system: there must be none */
};
struct mock_token mock_token_read(struct auth_view value);

/* ---- references ---- */

/* "Type/id", id, or an address that ends so; a version behind it does not count. */
struct mock_reference {
    struct auth_view base, type, id; /* base and type may be empty */
};
struct mock_reference mock_reference_read(struct auth_view value);

/* ---- text ---- */

/* Text as it is compared: lower case, without accents of Latin letters, blanks and punctuation of names as one blank.
 * in  to  room for 2 * text.n + 1 bytes
 * rc  bytes written */
size_t mock_fold(struct auth_view text, char *to);
enum { MOCK_SOUNDEX_N = 4 };
/* How a name sounds (American Soundex of its ASCII letters); false when it has none. */
bool mock_soundex(struct auth_view folded, char code[MOCK_SOUNDEX_N]);

#endif
