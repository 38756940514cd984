/* One pass over JSON text that is to be kept: is it what auth_json_check() takes, and where are its members.
 *
 * It knows the common case alone and is several times as fast. What it accepts, auth_json_check() accepts; where it does not
 * know (a name with escapes, a number with a large exponent, a mistake) auth_json_check() decides, and says what is wrong. */
#ifndef MOCK_EPIC_DATA_SCAN_H
#define MOCK_EPIC_DATA_SCAN_H

#include "auth/core/json.h"

enum { MOCK_SCAN_MEMBERS_MAX = 96, MOCK_SCAN_REFERENCES_MAX = 64 };

struct mock_scan_member {
    struct auth_view name;  /* as written, without its quotation marks */
    struct auth_view value; /* without blanks around it */
};

struct mock_scan {
    struct auth_view value;                                 /* the whole, without blanks around it */
    struct mock_scan_member members[MOCK_SCAN_MEMBERS_MAX]; /* of the outermost object; those beyond are left out */
    size_t member_count;
    struct auth_view references[MOCK_SCAN_REFERENCES_MAX]; /* strings of members "reference", in order, as written */
    size_t reference_count;
    bool has_references; /* all of them are listed */
    bool is_plain; /* no name of the value has an escape: each is spelt as it means, and can be looked for as text */
    bool is_whole; /* all members of the outermost object are listed */
};

/* Read the value that the text begins with, behind blanks.
 * out  scan   borrows from text
 *      *end   the first byte behind the value
 * rc   AUTH_OK; else as auth_json_check() of the text up to the end of the value or, where there is none, of all of it */
AUTH_MUST_CHECK enum auth_rc mock_scan_next(struct auth_view text, struct mock_scan *scan, size_t *end,
                                            struct auth_err *err);
/* The fast pass alone. False: it does not know. For tests. */
bool mock_scan_fast(struct auth_view text, struct mock_scan *scan, size_t *end);
/* The member of that name, or the empty view. */
struct auth_view mock_scan_member(const struct mock_scan *scan, const char *name);

#endif
