/* /mock/faults: what goes wrong on purpose. */
#include "mock_epic/admin/handlers.h"

#include "mock_epic/admin/fault_read.h"

/* Described here for the index; read, with what the two hold, by fault_read.c. */
static const struct mock_member members[] = {
    {"match", MOCK_MEMBER_ANY, false, 0, 0, 0,
     "an object of route, method, path, client_id, nth, every, times, probability; what is left out fits all"},
    {"action", MOCK_MEMBER_ANY, true, 0, 0, 0,
     "an object of status, headers, body, delay_ms, drip, reset, truncate, gzip, pad_to, wrong_content_length, redirect, "
     "set_field, drop_field, next_link, retry_after_date"},
};
const struct mock_admin_members mock_admin_fault_members = MOCK_ADMIN_MEMBERS(members);

void mock_admin_get_faults(struct mock_admin_call *call)
{
    mock_faults_write(&call->instance->faults, &call->w);
}

void mock_admin_post_faults(struct mock_admin_call *call)
{
    struct auth_err err = {0};
    struct mock_fault *fault = NULL;
    enum auth_rc rc = mock_fault_read(call->request->body, &fault, &err);
    if (rc != AUTH_OK) {
        mock_admin_fail_rc(call, rc, &err);
        return;
    }
    struct mock_fault *shown = mock_fault_hold(fault);
    rc = mock_faults_add(&call->instance->faults, fault, &err);
    if (rc == AUTH_OK) {
        mock_admin_note(call, "fault %llu made", (unsigned long long)shown->id);
        mock_fault_write(shown, &call->w);
    } else {
        mock_admin_fail_rc(call, rc, &err);
    }
    mock_fault_release(shown);
}

void mock_admin_delete_fault(struct mock_admin_call *call)
{
    int64_t id = 0;
    if (!auth_view_int(call->id, &id) || id < 1 || !mock_instance_end_fault(call->instance, (uint64_t)id)) {
        mock_admin_fail(call, 404, "not_found", "no fault has that id; GET /mock/faults lists them");
        return;
    }
    mock_admin_note(call, "fault %lld ended", (long long)id);
}

void mock_admin_delete_faults(struct mock_admin_call *call)
{
    mock_instance_end_faults(call->instance);
}
