/* Bytes as gzip (RFC 1952) that any reader unpacks, though nothing gets shorter: what a client is to be shown is that it was
 * not asked, so stored blocks will do. */
#ifndef MOCK_EPIC_FAULTS_GZIP_H
#define MOCK_EPIC_FAULTS_GZIP_H

#include "auth/core/buf.h"

/* Append the text as a gzip member. */
void mock_gzip(struct auth_view text, struct auth_buf *out);

#endif
