/* Faults on the way of a request: which one acts, and what it makes of the answer. */
#ifndef MOCK_EPIC_SERVER_DISTURB_H
#define MOCK_EPIC_SERVER_DISTURB_H

#include "mock_epic/http/message.h"
#include "mock_epic/http/wait.h"
#include "mock_epic/instance/instance.h"

/* Look once, for all steps of a request, whether a fault acts on it: wait->fault then holds it.
 * in   wait  its route and instance are known
 *      path  of the request, within its instance */
void mock_disturb_choose(const struct mock_request *request, struct auth_view path, struct mock_wait *wait);
/* Is the request answered by the fault, and not by Epic? */
bool mock_disturb_replaces(const struct mock_wait *wait);
/* Make of the answer what the fault makes of it; nothing without one. */
void mock_disturb_answer(const struct mock_request *request, const struct mock_wait *wait,
                         struct mock_response *response);
/* Whether the answer has to wait for its time: then the wait says until when, and that the answer is there. */
bool mock_disturb_delays(struct mock_wait *wait, const struct mock_response *response);
/* Wait for that time; a fault that ends meanwhile ends the wait. */
void mock_disturb_wait(struct mock_wait *wait);
void mock_disturb_end(struct mock_wait *wait); /* give the fault back */

#endif
