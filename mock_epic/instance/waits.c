/* What waits in an instance, and what ends the waiting: a fault taken away, all of them, another set of them. */
#include "mock_epic/instance/instance.h"

/* Takes the reference. */
static bool end_fault(struct mock_instance *instance, struct mock_fault *fault)
{
    if (fault)
        mock_waiters_wake(&instance->shared->waiters, fault);
    mock_fault_release(fault);
    return fault != NULL;
}

bool mock_instance_end_fault(struct mock_instance *instance, uint64_t id)
{
    return end_fault(instance, mock_faults_take(&instance->faults, id));
}

void mock_instance_end_faults(struct mock_instance *instance)
{
    while (end_fault(instance, mock_faults_take_any(&instance->faults)))
        continue;
}

enum auth_rc mock_instance_restore_faults(struct mock_instance *instance, const struct mock_faults_image *image)
{
    struct mock_faults fresh;
    mock_faults_init(&fresh, instance->faults.seed);
    enum auth_rc rc = mock_faults_load(&fresh, image);
    if (rc == AUTH_OK)
        mock_faults_exchange(&instance->faults, &fresh);
    while (rc == AUTH_OK && end_fault(instance, mock_faults_take_any(&fresh)))
        continue;
    mock_faults_clear(&fresh);
    return rc;
}

void mock_instance_wake(struct mock_instance *instance)
{
    mock_instance_end_faults(instance);
    mock_waiters_wake(&instance->shared->waiters, &instance->journal);
}
