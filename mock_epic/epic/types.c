/* Finding a type, and a parameter of it. */
#include "mock_epic/epic/types.h"

size_t mock_fhir_type_find(struct auth_view name)
{
    size_t i = 0;
    if (!name.n)
        return mock_fhir_type_count;
    while (i < mock_fhir_type_count && !(mock_fhir_types[i].name[0] == name.p[0] && /* mostly decides */
                                         auth_view_equals(name, mock_fhir_types[i].name)))
        i++;
    return i;
}

const struct mock_fhir_param *mock_fhir_type_param(const struct mock_fhir_type *type, struct auth_view name)
{
    for (size_t i = 0; i < type->param_count; i++) {
        if (auth_view_equals(name, type->params[i].name))
            return &type->params[i];
    }
    return NULL;
}
