/* Inside auth/core/json_*.c only: what reading and writing JSON have in common.
 *
 *   json_scan.c     a text, strictly: grammar, names, numbers, UTF-8     json_raw.c    slices of a text that was accepted
 *   json_grammar.c  a text, its grammar alone                            json_write.c  text from values
 *   json_tree.c     values from a text, put together by json_scan.c */
#ifndef AUTH_CORE_JSON_PRIVATE_H
#define AUTH_CORE_JSON_PRIVATE_H

#include "auth/core/json.h"

/* Length of the run at the beginning in which nothing must be looked at, read or written: well-formed UTF-8 without
 * quotation mark, backslash or control character. */
size_t auth_json_plain_run(struct auth_view text);

/* Check the text and, unless tree is NULL, put the tree below root together. rc as auth_json_check() */
AUTH_MUST_CHECK enum auth_rc auth_json_scan(struct auth_view text, struct auth_json *tree, struct auth_json_node *root,
                                            struct auth_err *err);

/* ---- a tree that grows ---- */

/* A node behind `last` among the items of parent; last NULL: the first. NULL when out of memory. */
struct auth_json_node *auth_json_tree_add(struct auth_json *tree, struct auth_json_node *parent,
                                          struct auth_json_node *last);
/* Where the bytes of the string at that position of the text may be written, and a NUL behind them. */
char *auth_json_tree_bytes(struct auth_json *tree, size_t at);
/* n bytes at `bytes` are the node's name, or its string. */
void auth_json_tree_name(struct auth_json_node *node, char *bytes, size_t n);
void auth_json_tree_string(struct auth_json_node *node, char *bytes, size_t n);
void auth_json_tree_number(struct auth_json *tree, struct auth_json_node *node, size_t at, struct auth_view written);
/* By the value's first character. */
void auth_json_tree_type(struct auth_json_node *node, char first);

#endif
