/* SMART scopes: their grammar, and what is left of a request when it is held against a grant.
 *
 * One entry is CONTEXT/TYPE.LETTERS with an optional ?filter (SMART App Launch 2.x), or a v1 word (read, write, *) in
 * place of the letters. Grants are unions: X.rs grants what X.r and X.s grant. Pure, nothing is allocated but what the
 * caller's buffer takes. Used by the rule scope.value and by the mock, which must not disagree. */
#ifndef AUTH_RULES_SCOPE_H
#define AUTH_RULES_SCOPE_H

#include "auth/core/buf.h"

enum auth_scope_letter {
    AUTH_SCOPE_CREATE = 1,
    AUTH_SCOPE_READ = 2,
    AUTH_SCOPE_UPDATE = 4,
    AUTH_SCOPE_DELETE = 8,
    AUTH_SCOPE_SEARCH = 16
};

/* One entry, taken apart; views borrow from the text that was read. */
struct auth_scope {
    struct auth_view text;
    struct auth_view context; /* patient, user or system */
    struct auth_view type;    /* "Patient", or "*" */
    struct auth_view word;    /* what stands after the dot: "rs", "read" */
    struct auth_view filter;  /* what stands after '?', or empty */
    unsigned letters;         /* enum auth_scope_letter */
    bool is_v1;
};

/* Take one entry apart: (patient|user|system)/(Type|*).(c?r?u?d?s?)(?name=value(&name=value)*)? with at least one letter
 * and the letters in that order, or .read .write .* without filter. False when it is something else. */
AUTH_MUST_CHECK bool auth_scope_read(struct auth_view text, struct auth_scope *out);
/* Letters as text in their order, "rs"; the view is of `text`. */
enum { AUTH_SCOPE_LETTERS_N = 5 };
struct auth_view auth_scope_letters_text(unsigned letters, char text[AUTH_SCOPE_LETTERS_N + 1]);

enum { AUTH_SCOPES_MAX = 256, AUTH_SCOPE_TEXT_MAX = 7900 };

/* A requested list. Spaces more than needed are nothing; words that are no scope are counted, the first is kept. */
struct auth_scope_list {
    struct auth_scope items[AUTH_SCOPES_MAX];
    size_t count;
    size_t bad_count;
    struct auth_view bad;
    bool is_too_long; /* more than AUTH_SCOPES_MAX entries: the rest was not read */
};
void auth_scope_list_read(struct auth_view text, struct auth_scope_list *out);

/* What an app was granted; items sorted by text, so that entries of one type are neighbours. */
struct auth_scope_grant {
    const struct auth_scope *items;
    size_t count;
};

/* Does the request cover all of the grant? Then nothing is narrowed. A request with any v1 word never does, because its
 * answer is spelt another way. */
bool auth_scope_covers(const struct auth_scope_list *asked, const struct auth_scope_grant *grant);
/* Is anything of this one entry granted? */
bool auth_scope_meets(const struct auth_scope *asked, const struct auth_scope_grant *grant);
/* Write what is both asked for and granted, space-separated: a wildcard becomes the types of the grant, filters of either
 * side stay, and an entry asked for in a v1 word keeps it where the whole of the word is granted (S SHOULD).
 * out      appended to; NULL: the text is only measured
 * returns  its bytes; 0 when nothing is left */
size_t auth_scope_narrow(const struct auth_scope_list *asked, const struct auth_scope_grant *grant,
                         struct auth_buf *out);

#endif
