/* A handle made from parts, for tests: they replace the clocks and the network. */
#ifndef AUTH_CLIENT_CLIENT_H
#define AUTH_CLIENT_CLIENT_H

#include "auth/client/handle.h"

/* Make a handle from parts: tests give http and env, NULL means the real ones. Takes http in every case. */
enum epic_auth_rc auth_client_new(const struct epic_auth_options *given, struct auth_http *http,
                                  const struct auth_env *env, struct epic_auth **out, struct epic_auth_error *error);

#endif
