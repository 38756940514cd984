/* An Epic of its own for one case: an instance of the mock, as the case's setup wants it. */
#ifndef CONFORMANCE_SUITE_INSTANCE_H
#define CONFORMANCE_SUITE_INSTANCE_H

#include "conformance/suite/case.h"
#include "conformance/suite/exchange.h"

/* Make one, whose clock stands still, so that what the case does to clock, tokens or apps is nobody else's trouble.
 * in   target    with the right to administrate
 *      setup     profile, switches, at, app (members of the suite's app that are otherwise), apps, jwks (the set behind its JWK Set
 *                URL); NULL: as the mock was started
 *      name      of it
 * out  instance  as a server; caller ends with conf_instance_close(), also after a failure
 * rc   AUTH_E_HTTP (detail: what the mock says against it), and as conf_exchange() */
AUTH_MUST_CHECK enum auth_rc conf_instance_open(struct conf_target *target, const struct auth_json_node *setup,
                                                struct auth_view name, struct conf_target *instance,
                                                struct auth_err *err);
void conf_instance_close(struct conf_target *target, struct conf_target *instance);

#endif
