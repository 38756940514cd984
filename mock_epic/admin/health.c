/* /mock/health: whether the server is up. */
#include "mock_epic/admin/handlers.h"

#include "auth/core/version.h"

void mock_admin_get_health(struct mock_admin_call *call)
{
    auth_json_write_object(&call->w);
    auth_json_write_member_text(&call->w, "status", "ok");
    auth_json_write_member_text(&call->w, "version", AUTH_VERSION);
    auth_json_write_member_text(&call->w, "profile", call->instance->profile.name);
    auth_json_write_member_int(&call->w, "now", call->now_s);
    if (call->instance->options.has_seed)
        auth_json_write_member_int(&call->w, "seed", call->instance->options.seed);
    else
        auth_json_write_member_text(&call->w, "seed", NULL);
    auth_json_write_end_object(&call->w);
}
