/* The admin API under /mock/: everything that Epic does not have. Users' tests rely on it.
 *
 * Who may call it: mock_epic/admin/guard.h. */
#ifndef MOCK_EPIC_ADMIN_API_H
#define MOCK_EPIC_ADMIN_API_H

#include "mock_epic/http/message.h"
#include "mock_epic/http/wait.h"
#include "mock_epic/instance/instance.h"

/* in   path  of the request, within its instance: "/mock/clock"
 * rc   AUTH_OK: answered; AUTH_E_WAIT: as mock_dispatch_step() */
AUTH_MUST_CHECK enum auth_rc mock_admin_handle(struct mock_instance *instance, const struct mock_request *request,
                                               struct auth_view path, struct mock_wait *wait,
                                               struct mock_response *response);

#endif
