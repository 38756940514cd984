/* /mock/expectations and /mock/verdict: what must have happened, and whether it did. */
#include "mock_epic/admin/handlers.h"

void mock_admin_get_expectations(struct mock_admin_call *call)
{
    mock_expectations_write(&call->instance->expectations, &call->w);
}

void mock_admin_put_expectations(struct mock_admin_call *call)
{
    struct auth_err err = {0};
    enum auth_rc rc = mock_expectations_set(&call->instance->expectations, call->request->body, &err);
    if (rc == AUTH_OK)
        mock_expectations_write(&call->instance->expectations, &call->w);
    else
        mock_admin_fail_rc(call, rc, &err);
}

void mock_admin_get_verdict(struct mock_admin_call *call)
{
    mock_expectations_write_verdict(&call->instance->expectations, &call->w);
}
