/* How much memory all clients together may hold: bodies that are on their way, answers that are not read yet.
 *
 * Each connection is bounded by itself; this bounds their sum. Threads safe. */
#ifndef MOCK_EPIC_SERVER_BUDGET_H
#define MOCK_EPIC_SERVER_BUDGET_H

#include <stdatomic.h>

#include "auth/core/buf.h"

struct mock_budget {
    atomic_size_t used;
    size_t max;
};

void mock_budget_init(struct mock_budget *budget, size_t max);
/* Let *held, what the caller holds of it so far, become n bytes. False, and nothing changed, where that is too much for all
 * together; less than before is always granted. */
AUTH_MUST_CHECK bool mock_budget_hold(struct mock_budget *budget, size_t *held, size_t n);
void mock_budget_release(struct mock_budget *budget, size_t *held); /* all of it */

#endif
