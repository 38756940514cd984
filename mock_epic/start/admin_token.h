/* The token that the admin API wants, for those who serve it and those who call it. */
#ifndef MOCK_EPIC_START_ADMIN_TOKEN_H
#define MOCK_EPIC_START_ADMIN_TOKEN_H

#include "auth/core/buf.h"

/* From the file, else from MOCK_EPIC_ADMIN_TOKEN; never from argv, which every user of the machine can read.
 * in   path   NULL: the environment
 * io   token  an empty secret buffer; stays empty when there is none
 * rc   AUTH_E_CONFIG: too short, or not printable ASCII; AUTH_E_NOT_FOUND, AUTH_E_IO, AUTH_E_TOO_BIG, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_admin_token_read(const char *path, struct auth_buf *token, struct auth_err *err);

#endif
