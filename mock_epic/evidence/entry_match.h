/* Which entries of the journal are meant. */
#ifndef MOCK_EPIC_EVIDENCE_ENTRY_MATCH_H
#define MOCK_EPIC_EVIDENCE_ENTRY_MATCH_H

#include "mock_epic/state/journal_entry.h"

/* What is -1, 0 or empty fits all; views are borrowed. */
struct mock_entry_match {
    int kind, route;
    struct auth_view method, path, client_id, error, outcome;
    int64_t status;
    int is_foreign, has_fault; /* 0 or 1: that it is not, or is */
};

/* rc  AUTH_E_SYNTAX, AUTH_E_ARG with detail */
AUTH_MUST_CHECK enum auth_rc mock_entry_match_read(const struct auth_json_node *node, struct mock_entry_match *match,
                                                   struct auth_err *err);
bool mock_entry_match_fits(const struct mock_entry_match *match, const struct mock_journal_entry *entry);
/* "token, issued", "fhir GET Patient/a 401"; "anything" where all fits. */
void mock_entry_match_describe(const struct mock_entry_match *match, struct auth_buf *out);

#endif
