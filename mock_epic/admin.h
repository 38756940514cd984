/* The admin API under /mock/: everything that Epic does not have (design.md calls it the contract for users' tests).
 *
 * Guarded: without an admin token only loopback peers may call it, and only with a loopback Host and no foreign
 * Origin, so that a web page in a developer's browser cannot steer the mock (DNS rebinding included). */
#ifndef MOCK_EPIC_ADMIN_H
#define MOCK_EPIC_ADMIN_H

#include "mock_epic/http.h"
#include "mock_epic/mock.h"

/* rc  AUTH_OK: answered; AUTH_E_AGAIN: as mock_dispatch_step() */
AUTH_MUST_CHECK enum auth_rc mock_admin_handle(struct mock_epic *mock, const struct mock_request *request,
                                               struct mock_pause *pause, struct mock_response *response);

#endif
