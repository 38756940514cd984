/* An Epic of its own for one case: an instance of the mock, as the case's setup wants it. */
#ifndef CONFORMANCE_SUITE_INSTANCE_H
#define CONFORMANCE_SUITE_INSTANCE_H

#include "conformance/suite/case.h"
#include "conformance/suite/exchange.h"

/* Make one, whose clock stands still, so that what the case does to clock, tokens or apps is nobody else's trouble.
 * in   target    a server with the right to administrate, or another instance of it
 *      setup     app (members of the suite's app that are otherwise), jwks (the set behind its JWK Set URL), switches, and what
 *                else POST /mock/instances takes; NULL: as the mock was started
 *      name      of it; empty: the server makes one up
 * out  instance  as a server; caller ends with conf_instance_close(), also after a failure
 * rc   AUTH_E_HTTP (detail: what the mock says against it), and as conf_exchange() */
AUTH_MUST_CHECK enum auth_rc conf_instance_open(struct conf_target *target, const struct auth_json_node *setup,
                                                struct auth_view name, struct conf_target *instance,
                                                struct auth_err *err);
/* Let the server forget it. */
void conf_instance_close(struct conf_target *instance);

#endif
