/* /mock/data: what was loaded, and what is to be said about it; /mock/resources: more of it, for one instance; /mock/access: what
 * it cannot say. */
#include "mock_epic/admin/handlers.h"

void mock_admin_get_data(struct mock_admin_call *call)
{
    struct mock_fhir *fhir = mock_instance_fhir(call->instance);
    mock_fhir_write_report(fhir, &call->w);
    mock_fhir_release(fhir);
}

void mock_admin_post_resources(struct mock_admin_call *call)
{
    struct mock_fhir *fhir = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = mock_instance_post(call->instance, call->request->body, &fhir, &err);
    if (rc == AUTH_E_SYNTAX)
        mock_admin_fail(call, 422, "bad_resource", err.detail);
    else if (rc != AUTH_OK)
        mock_admin_fail_rc(call, rc, &err);
    else
        mock_fhir_write_posted(fhir, &call->w);
    mock_fhir_release(fhir);
}

void mock_admin_delete_resources(struct mock_admin_call *call)
{
    mock_instance_forget_posted(call->instance);
}

void mock_admin_get_access(struct mock_admin_call *call)
{
    struct mock_access_set *own = mock_instance_access(call->instance);
    struct mock_fhir *fhir = mock_instance_fhir(call->instance);
    mock_access_write(own ? mock_access_of(own) : mock_fhir_access(fhir), &call->w);
    mock_fhir_release(fhir);
    mock_access_set_release(own);
}

void mock_admin_put_access(struct mock_admin_call *call)
{
    struct mock_access_set *own = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = mock_access_set_new(call->request->body, &own, &err);
    if (rc == AUTH_E_SYNTAX)
        mock_admin_fail(call, 400, "bad_access", err.detail);
    else if (rc != AUTH_OK)
        mock_admin_fail_rc(call, rc, &err);
    else
        mock_access_write(mock_access_of(own), &call->w);
    if (rc == AUTH_OK)
        mock_instance_set_access(call->instance, own);
}
