/* What can make Epic refuse a sound assertion and cannot be seen from here, the likeliest first.
 *
 * The judge sees the request and the key; it does not see the app page, the customer's network, or the past. When it finds
 * nothing and Epic still refuses, this list is what is left. */
#ifndef CONFORMANCE_LINTER_OTHER_CAUSES_H
#define CONFORMANCE_LINTER_OTHER_CAUSES_H

#include "conformance/report/jwt_report.h"

/* What narrows the list. */
struct conf_other_causes_facts {
    bool is_sandbox; /* Epic's own, else a customer's server */
    bool knows_production_id, knows_time, knows_saved_time, knows_request;
    enum auth_key_source source;
    enum auth_oauth_error answer; /* what Epic said; AUTH_OAUTH_NONE: not told, so all that is likely */
};

enum { CONF_OTHER_CAUSES_MAX = 16 };

/* Fill rows, the likeliest first; returns their number. */
size_t conf_other_causes_list(const struct conf_other_causes_facts *facts,
                              struct conf_other_cause rows[CONF_OTHER_CAUSES_MAX]);

#endif
