/* The names of routes. */
#include "mock_epic/http/route.h"

static const char *const texts[] = {"token",    "introspect", "fhir",  "bulk", "discovery",
                                    "metadata", "jwks",       "admin", "other"};
_Static_assert(sizeof texts / sizeof *texts == MOCK_ROUTES, "one name each");

const char *mock_route_text(enum mock_route route)
{
    return texts[route];
}

int mock_route_find(struct auth_view name)
{
    for (int i = 0; i < MOCK_ROUTES; i++) {
        if (auth_view_equals(name, texts[i]))
            return i;
    }
    return -1;
}
