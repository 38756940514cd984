/* JSON for people to read and to compare line by line. */
#ifndef CONFORMANCE_CLIENT_PRETTY_H
#define CONFORMANCE_CLIENT_PRETTY_H

#include "auth/core/buf.h"

/* Append compact JSON with a line for each member and element, indented; what holds nothing nested and is short stays on one. All
 * else is as it was, byte for byte.
 * in  json   one value that was parsed before, without blanks between its tokens
 *     depth  of the first line, which is not indented itself */
void conf_pretty(struct auth_view json, unsigned depth, struct auth_buf *out);

#endif
