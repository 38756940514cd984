/* Finding a type, and a parameter of it. */
#include "mock_epic/epic/types.h"

size_t mock_fhir_type_find(struct auth_view name)
{
    if (!name.n || name.p[0] < 'A' || name.p[0] > 'Z')
        return mock_fhir_type_count;
    const unsigned char *first = &mock_fhir_type_first[name.p[0] - 'A'];
    for (size_t i = first[0]; i < first[1]; i++) {
        if (auth_view_equals(name, mock_fhir_types[i].name))
            return i;
    }
    return mock_fhir_type_count;
}

const struct mock_fhir_param *mock_fhir_type_param(const struct mock_fhir_type *type, struct auth_view name)
{
    for (size_t i = 0; i < type->param_count; i++) {
        if (auth_view_equals(name, type->params[i].name))
            return &type->params[i];
    }
    return NULL;
}
