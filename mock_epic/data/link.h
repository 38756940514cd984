/* References inside resources: found without a tree, and in Bundles led from an entry's fullUrl to the resource that the entry
 * has become, as a server does that takes a transaction. */
#ifndef MOCK_EPIC_DATA_LINK_H
#define MOCK_EPIC_DATA_LINK_H

#include "auth/core/json.h"

/* Walk the values of the members "reference" that are strings, at whatever depth, as they are written. *cursor starts at 0; false
 * at the end. The text is known to be JSON. */
bool mock_fhir_next_reference(struct auth_view text, size_t *cursor, struct auth_view *reference);

/* ---- Bundles ---- */

struct mock_link {
    struct auth_view url, type, id; /* as written, without escapes */
};

/* What the entries of one Bundle are called, and what they become. Zero it first, free() items. */
struct mock_links {
    struct mock_link *items; /* sorted by url */
    size_t count, size;
    bool has_binary; /* to which attachments lead by a member "url" */
};

AUTH_MUST_CHECK enum auth_rc mock_links_read(struct auth_view bundle, struct mock_links *links);
/* The id of an entry's resource: its own, or the one that a server would know it by (PUT Type/id, the end of the fullUrl);
 * empty when there is none. */
struct auth_view mock_entry_id(struct auth_view entry, struct auth_view resource);
/* Write a resource anew, with each reference to an entry's fullUrl as "Type/id" of its resource, and with that id where it had
 * none. All else stays as it is.
 * in   id     mock_entry_id()
 * out  out    appended to; nothing when there is nothing to change
 *      count  references that were changed are added */
void mock_links_write(const struct mock_links *links, struct auth_view resource, struct auth_view id,
                      struct auth_buf *out, size_t *count);

#endif
