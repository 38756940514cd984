/* Inside auth/core/json_*.c only: what reading and writing JSON have in common.
 *
 *   json_scan.c     a text, strictly: grammar, names, numbers, UTF-8     json_raw.c    slices of a text that was accepted
 *   json_grammar.c  a text, its grammar alone                            json_write.c  text from values
 *   json_tree.c     values from a text; the only user of cJSON */
#ifndef AUTH_CORE_JSON_PRIVATE_H
#define AUTH_CORE_JSON_PRIVATE_H

#include "auth/core/json.h"

/* Length of the run at the beginning in which nothing must be looked at, read or written: well-formed UTF-8 without
 * quotation mark, backslash or control character. */
size_t auth_json_plain_run(struct auth_view text);

#endif
