/* A place in JSON, as case files write it: "entry.0.resource.id", "entry.-1.search.mode", "link[relation=next].url", "issue.#".
 *
 * Members and indexes with dots between them; -1 is the last element; [NAME=VALUE] behind a member is the first element that has
 * this member; # at the end is how many elements there are. */
#ifndef CONFORMANCE_SUITE_PATH_H
#define CONFORMANCE_SUITE_PATH_H

#include "auth/core/json.h"

/* What stands there, or NULL.
 * out  count  of elements, where the path ends in #; else -1 */
const struct auth_json_node *conf_path_find(const struct auth_json_node *root, struct auth_view path, int64_t *count);
/* The same as text: a string, or a whole number in digits. False: there is neither. */
bool conf_path_text(const struct auth_json_node *root, struct auth_view path, struct auth_buf *text);

#endif
