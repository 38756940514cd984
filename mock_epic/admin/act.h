/* The actions of a scenario's steps: admin calls in this process. */
#ifndef MOCK_EPIC_ADMIN_ACT_H
#define MOCK_EPIC_ADMIN_ACT_H

#include "mock_epic/evidence/scenario.h"
#include "mock_epic/instance/instance.h"

/* Whether all actions could be done: known calls with bodies that they would take. rc AUTH_E_ARG, AUTH_E_SYNTAX; err->node */
AUTH_MUST_CHECK enum auth_rc mock_act_check(const struct mock_scenario *scenario, struct auth_err *err);
/* Do what is due in that instance; returns when it is done, also by another thread. Costs a load where nothing is. No lock may
 * be held. */
void mock_act(struct mock_instance *instance);

#endif
