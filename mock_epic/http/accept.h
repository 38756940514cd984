/* What a client wants to get: Accept headers, with their weights (RFC 9110 12.4.2 and 12.5.1).
 *
 * An element that is malformed is as if it were not there, and the rest counts. */
#ifndef MOCK_EPIC_HTTP_ACCEPT_H
#define MOCK_EPIC_HTTP_ACCEPT_H

#include "mock_epic/http/message.h"

enum { MOCK_ACCEPT_RANGES_MAX = 32 }; /* what is behind them is not looked at */

struct mock_accept {
    struct {
        struct auth_view range; /* type/subtype, or with stars; without parameters; borrowed */
        int weight;             /* 0..1000 */
        unsigned parameters;    /* those that narrow it: all but q and what follows it, and charset */
    } ranges[MOCK_ACCEPT_RANGES_MAX];
    size_t count;
};

/* out  accept  init by this call; all Accept headers as one list. Empty when there is none. */
void mock_accept_of(const struct mock_request *request, struct mock_accept *accept);
/* Add the elements of one list, e.g. the value of _format. accept: count starts at 0 */
void mock_accept_add(struct mock_accept *accept, struct auth_view list);

/* The weight of that type by the most specific range that covers it: 0 means "not this".
 * out  position  of that range in the list
 * -1 when no range covers it */
int mock_accept_weight(const struct mock_accept *accept, const char *type, size_t *position);

#endif
