/* The link to the next page of a search, spelt or led in ways that clients stumble over. */
#ifndef MOCK_EPIC_FAULTS_NEXT_LINK_H
#define MOCK_EPIC_FAULTS_NEXT_LINK_H

#include "auth/core/buf.h"

enum mock_next_link {
    MOCK_NEXT_AS_IS,
    MOCK_NEXT_FOREIGN,  /* to the other loopback name of this machine */
    MOCK_NEXT_RELATIVE, /* "Observation?..." */
    MOCK_NEXT_ROOTED,   /* "/interconnect-fhir-oauth/..." */
    MOCK_NEXT_QUERY,    /* "?..." with a time in it, whose colons are no scheme's */
    MOCK_NEXT_CAPITALS, /* "HTTP://..." */
    MOCK_NEXT_BLANK,    /* with a blank that should be %20 */
    MOCK_NEXT_LONG,     /* of more than 4,000 bytes */
    MOCK_NEXT_SELF,     /* back to the page itself, also from the last one */
    MOCK_NEXT_LINKS
};

/* -1 when unknown. */
int mock_next_link_find(struct auth_view name);
/* "foreign, relative, ..." for messages. static */
#define MOCK_NEXT_LINK_LIST "foreign, relative, rooted, query, capitals, blank, long or self"

/* Append the Bundle with its next link changed; as it is where it has none, but for MOCK_NEXT_SELF.
 * in  bundle  JSON that was checked
 *     here    the URL of the page */
void mock_next_link_alter(enum mock_next_link how, struct auth_view bundle, struct auth_view here,
                          struct auth_buf *out);
/* The same URL by the other loopback name of this machine. Appended. */
void mock_foreign_url(struct auth_view here, struct auth_buf *out);

#endif
