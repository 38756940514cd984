/* mock_dispatch() is the whole server without sockets: a request in, an answer out.
 *
 * server.c calls it from its threads; tests, fuzzers and benches call it directly. Which path goes where is the table
 * in routes.c. Threads safe. */
#ifndef MOCK_EPIC_ROUTES_H
#define MOCK_EPIC_ROUTES_H

#include "mock_epic/http.h"
#include "mock_epic/mock.h"

/* in   request   borrowed for the call
 * out  response  init by the caller; may borrow from mock afterwards, so send it before mock is cleared */
void mock_dispatch(struct mock_epic *mock, const struct mock_request *request, struct mock_response *response);

/* Largest body that a request to this path may have, in bytes. */
size_t mock_dispatch_body_max(struct auth_view path);

#endif
