/* A listening socket from "ADDRESS:PORT". */
#ifndef MOCK_EPIC_SERVER_LISTEN_H
#define MOCK_EPIC_SERVER_LISTEN_H

#include "auth/core/buf.h"

/* Bind and listen, for IPv4 too where the address is [::].
 * in   text  "ADDR:PORT", "NAME:PORT" or "[V6]:PORT"; port 0 picks a free one
 * out  fd    caller closes; port: the one in use
 * rc   AUTH_E_ARG (not of that form); AUTH_E_IO (detail: address in use, not permitted, ...) */
AUTH_MUST_CHECK enum auth_rc mock_listen(const char *text, int *fd, unsigned *port, struct auth_err *err);

#endif
