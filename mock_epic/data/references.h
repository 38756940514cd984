/* The references of what is loaded, each text once, so that whether they lead anywhere is known without reading it all again. */
#ifndef MOCK_EPIC_DATA_REFERENCES_H
#define MOCK_EPIC_DATA_REFERENCES_H

#include "auth/core/buf.h"

struct mock_named_reference {
    struct auth_view text; /* as written; borrowed from what was loaded */
    size_t count;          /* how often */
    uint32_t resource;     /* who names it first: its number in the store's items */
};

struct mock_references {
    struct mock_named_reference *items; /* in the order in which they were met */
    size_t count, size;
    uint32_t *slots; /* open addressing: number + 1 */
    size_t slots_size;
    bool is_partial; /* something was not noted, or is not in the data any more: the texts must be asked */
};

/* rc  AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_references_add(struct mock_references *references, struct auth_view text,
                                                 uint32_t resource);
/* None, and whole. */
void mock_references_clear(struct mock_references *references);

#endif
