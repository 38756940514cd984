/* Strings of JSON text that was checked: what they mean, without a tree and without memory. */
#ifndef MOCK_EPIC_DATA_RAW_H
#define MOCK_EPIC_DATA_RAW_H

#include "auth/core/json.h"

/* What stands between the quotation marks of a string value; false when the value is no string. */
bool mock_raw_string(struct auth_view value, struct auth_view *written);
/* The next character that the written text means, as UTF-8; written must not be empty. rc: bytes, 1 to 4. */
size_t mock_raw_next(struct auth_view *written, char to[4]);
/* Whether it means exactly that. */
bool mock_raw_equals(struct auth_view written, struct auth_view wanted);
/* Write what it means, whole characters, as far as there is room. rc: bytes. */
size_t mock_raw_decode(struct auth_view written, char *to, size_t room);
/* The same, borrowed from where it is written as far as it is written as it means; else from `to`. */
struct auth_view mock_raw_text(struct auth_view written, char *to, size_t room);
/* The member's value, or the empty view. */
struct auth_view mock_raw_member(struct auth_view object, const char *name);
/* Whether the member is a string that means exactly that. */
bool mock_raw_member_equals(struct auth_view object, const char *name, struct auth_view wanted);

#endif
