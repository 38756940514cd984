/* Many resources from one: a template and a count, instead of a file of a thousand lines.
 *
 *     {"repeat":{"count":1008,"start":"2025-05-07T06:00:00Z","step_s":28800,"values":[71,"74"]},"resource":{...}}
 *
 * In the strings of the template, {n} is the number of the copy, from 0, with leading zeros so that all have the same length;
 * {time} is start + n * step_s; a string that is "{value}" alone becomes the values' turn, as it is written there. */
#ifndef MOCK_EPIC_DATA_REPEAT_H
#define MOCK_EPIC_DATA_REPEAT_H

#include "auth/core/json.h"

enum { MOCK_REPEAT_MAX = 1000000 };

/* Whether an object, which is JSON, is such a template: it has "repeat" and no "resourceType". */
bool mock_is_repeat(struct auth_view object);

/* Append the copies, one a line.
 * in   object  mock_is_repeat() is true of it
 * rc   AUTH_E_SYNTAX (detail: what is missing or wrong), AUTH_E_TOO_BIG (out's cap), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_repeat(struct auth_view object, struct auth_buf *out, struct auth_err *err);

#endif
