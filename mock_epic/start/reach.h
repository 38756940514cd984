/* Can a library be preloaded into a command? Linux drops LD_PRELOAD for what is statically linked, made for another machine or
 * C library, or started with more rights than its user has. Of a script it is the interpreter that counts. */
#ifndef MOCK_EPIC_START_REACH_H
#define MOCK_EPIC_START_REACH_H

#include "auth/core/buf.h"

/* in   command  as execvp() takes it
 * rc   AUTH_OK: yes, or it cannot be told (it is not there, or may not be read); AUTH_E_CONFIG: no; detail names the program and
 *      why */
AUTH_MUST_CHECK enum auth_rc mock_reach_check(const char *command, struct auth_err *err);

#endif
