/* /mock/data: what was loaded, and what is to be said about it. */
#include "mock_epic/admin/handlers.h"
#include "mock_epic/fhir/fhir.h"

void mock_admin_get_data(struct mock_admin_call *call)
{
    mock_fhir_write_report(call->instance->fhir, &call->w);
}
