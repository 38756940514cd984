/* The scopes of an app or a token: what its grant says on the wire, and what it allows.
 *
 * Epic grants what the app's selected APIs say. Its SMART v2 list is sorted and has `.r` and `.s` apart, entries with a
 * category filter as they are, and letters that write together (`.cu`) (O); an app set to SMART v1 shows
 * `system/Patient.read` (E, O). The grammar is auth/rules/scope.h's. */
#ifndef MOCK_EPIC_EPIC_SCOPES_H
#define MOCK_EPIC_EPIC_SCOPES_H

#include "auth/core/json.h"
#include "auth/rules/scope.h"
#include "mock_epic/epic/types.h"

enum mock_interaction {
    MOCK_CREATE = AUTH_SCOPE_CREATE,
    MOCK_READ = AUTH_SCOPE_READ,
    MOCK_UPDATE = AUTH_SCOPE_UPDATE,
    MOCK_DELETE = AUTH_SCOPE_DELETE,
    MOCK_SEARCH = AUTH_SCOPE_SEARCH
};

enum mock_scopes_version { MOCK_SCOPES_UNSAID, MOCK_SCOPES_V1, MOCK_SCOPES_V2 };

struct mock_scopes {
    char *text; /* the entries, sorted, space-separated: what items borrow from */
    char *json; /* as the token response shows them, as v2 where that is unsaid: a JSON string with its quotes */
    struct auth_scope *items; /* sorted by text, none twice, system/ only */
    size_t count;
    enum mock_scopes_version version; /* how json spells them */
    unsigned char
        allowed[MOCK_FHIR_TYPES_MAX]; /* what of each of Epic's types, or of categories of it: enum mock_interaction */
    bool is_narrowed;                 /* an entry has a filter */
};

/* Parse a space-separated list and bring it into Epic's form. An entry that is no system/ scope is AUTH_E_SYNTAX with the
 * entry named.
 * out  init by this call; caller clears with mock_scopes_clear() */
AUTH_MUST_CHECK enum auth_rc mock_scopes_parse(struct auth_view list, enum mock_scopes_version version,
                                               struct mock_scopes *out, struct auth_err *err);
/* Every readable and searchable type of Epic's R4 surface: the default of an app. */
AUTH_MUST_CHECK enum auth_rc mock_scopes_all(enum mock_scopes_version version, struct mock_scopes *out);
/* Write them as the value of a member "scope". unsaid: how, where they do not say so. */
void mock_scopes_write(const struct mock_scopes *scopes, enum mock_scopes_version unsaid, struct auth_json_writer *w);
void mock_scopes_clear(struct mock_scopes *scopes);
/* Whether it is allowed for one of Epic's types, or for categories of it. */
bool mock_scopes_allow(const struct mock_scopes *scopes, const struct mock_fhir_type *type, enum mock_interaction what);
/* The categories that a grant is narrowed to by its filters; those beyond `room` are left out.
 * rc   how many; 0: it is for the whole type, or not at all */
size_t mock_scopes_categories(const struct mock_scopes *scopes, const struct mock_fhir_type *type,
                              enum mock_interaction what, struct auth_view *codes, size_t room);

#endif
