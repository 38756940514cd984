/* /mock/snapshot, /mock/restore, /mock/snapshots: named states, taken and brought back. */
#include "mock_epic/admin/handlers.h"
#include "mock_epic/instance/snapshot.h"

static const struct mock_member name_members[] = {
    {"name", MOCK_MEMBER_STRING, true, 0, 1, MOCK_SNAPSHOT_NAME_MAX, "1 to 64 of letters, digits and . _ ~ -"},
    {"now", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"apps", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"tokens", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"jti", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"faults", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"bytes", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
};
const struct mock_admin_members mock_admin_snapshot_members = MOCK_ADMIN_MEMBERS(name_members);

void mock_admin_get_snapshots(struct mock_admin_call *call)
{
    mock_instance_write_snapshots(call->instance, &call->w);
}

void mock_admin_post_snapshot(struct mock_admin_call *call)
{
    struct auth_view name = {NULL, 0};
    struct auth_err err = {0};
    if (!mock_admin_read(call, &name, NULL))
        return;
    enum auth_rc rc = mock_instance_save(call->instance, name, &err);
    if (rc != AUTH_OK) {
        mock_admin_fail_rc(call, rc, &err);
        return;
    }
    call->change.kind = MOCK_CHANGE_SAVED;
    mock_admin_note(call, "snapshot %.*s taken", (int)name.n, name.p);
    mock_instance_write_snapshot(call->instance, name, &call->w);
}

void mock_admin_post_restore(struct mock_admin_call *call)
{
    struct auth_view name = {NULL, 0};
    struct auth_err err = {0};
    uint64_t last_token = 0;
    if (!mock_admin_read(call, &name, NULL))
        return;
    enum auth_rc rc = mock_instance_restore(call->instance, name, &last_token, &err);
    if (rc != AUTH_OK) {
        mock_admin_fail_rc(call, rc, &err);
        return;
    }
    call->change = (struct mock_admin_change){.kind = MOCK_CHANGE_RESTORED, .token = last_token};
    mock_admin_note(call, "snapshot %.*s brought back", (int)name.n, name.p);
    mock_instance_write_snapshot(call->instance, name, &call->w);
}

void mock_admin_delete_snapshot(struct mock_admin_call *call)
{
    if (!mock_instance_drop_snapshot(call->instance, call->id))
        mock_admin_fail(call, 404, "not_found", "no snapshot has that name");
}
