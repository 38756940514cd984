/* Scopes as data: which interactions on which resource types a list of scopes grants.
 *
 * Epic grants what the app's selected APIs say, one letter an entry, `.r` and `.s` apart (O*); SMART v1 spellings
 * (.read .write .*) count too, and `*` for any type. Category-filtered scopes ("?category=...") are kept in the text and
 * grant their letter. */
#ifndef MOCK_EPIC_SCOPES_H
#define MOCK_EPIC_SCOPES_H

#include "auth/core/json.h"

enum mock_interaction { MOCK_CREATE = 1, MOCK_READ = 2, MOCK_UPDATE = 4, MOCK_DELETE = 8, MOCK_SEARCH = 16 };

struct mock_scope {
    struct auth_view text; /* whole scope; borrowed from mock_scopes.text */
    struct auth_view type; /* "Patient", or "*" */
    unsigned letters;      /* enum mock_interaction */
};

struct mock_scopes {
    char *text; /* space-separated, as the token response shows it */
    size_t text_n;
    char *json; /* the text as a JSON string with its quotes: every token response holds it */
    struct mock_scope *items;
    struct auth_view *views; /* the scope texts, for the judge */
    size_t count;
};

/* Parse a space-separated list. Entries that are no system/ scope are AUTH_E_SYNTAX with the entry named.
 * out  init by this call; caller clears with mock_scopes_clear() */
AUTH_MUST_CHECK enum auth_rc mock_scopes_parse(struct auth_view list, struct mock_scopes *out, struct auth_err *err);
/* Every readable and searchable type of Epic's R4 surface: the default of an app. */
AUTH_MUST_CHECK enum auth_rc mock_scopes_all(struct mock_scopes *out);
void mock_scopes_clear(struct mock_scopes *scopes);
bool mock_scopes_allow(const struct mock_scopes *scopes, struct auth_view type, enum mock_interaction what);

#endif
