/* A sum that everybody takes from. */
#include "mock_epic/server/budget.h"

void mock_budget_init(struct mock_budget *budget, size_t max)
{
    atomic_init(&budget->used, 0);
    budget->max = max;
}

bool mock_budget_hold(struct mock_budget *budget, size_t *held, size_t n)
{
    size_t used = atomic_load_explicit(&budget->used, memory_order_relaxed), wanted;
    do {
        wanted = used - *held + n;
        if (n > *held && wanted > budget->max)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&budget->used, &used, wanted, memory_order_relaxed,
                                                    memory_order_relaxed));
    *held = n;
    return true;
}

void mock_budget_release(struct mock_budget *budget, size_t *held)
{
    if (*held)
        atomic_fetch_sub_explicit(&budget->used, *held, memory_order_relaxed);
    *held = 0;
}
