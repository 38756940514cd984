/* Inside the admin API only: a fault from its JSON. */
#ifndef MOCK_EPIC_ADMIN_FAULT_READ_H
#define MOCK_EPIC_ADMIN_FAULT_READ_H

#include "mock_epic/faults/fault.h"

/* Read {"match":{...},"action":{...}}, checking every member.
 * out  *out  with one reference
 * rc   AUTH_E_SYNTAX, AUTH_E_ARG (detail names the member and what it should be), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_fault_read(struct auth_view json, struct mock_fault **out, struct auth_err *err);
/* Whether that would be read. err->node is what is wrong.
 * in   text  which node was made of */
AUTH_MUST_CHECK enum auth_rc mock_fault_check(const struct auth_json_node *node, struct auth_view text,
                                              struct auth_err *err);

#endif
