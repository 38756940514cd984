/* The kinds of things that are asked for, as the journal names them and faults choose by them. */
#ifndef MOCK_EPIC_HTTP_ROUTE_H
#define MOCK_EPIC_HTTP_ROUTE_H

#include "auth/core/buf.h"

enum mock_route {
    MOCK_ROUTE_TOKEN,
    MOCK_ROUTE_INTROSPECT,
    MOCK_ROUTE_FHIR,
    MOCK_ROUTE_BULK,
    MOCK_ROUTE_DISCOVERY, /* .well-known/smart-configuration */
    MOCK_ROUTE_METADATA,
    MOCK_ROUTE_JWKS, /* sets that the mock fetches, and those that it serves */
    MOCK_ROUTE_ADMIN,
    MOCK_ROUTE_OTHER,
    MOCK_ROUTES
};

const char *mock_route_text(enum mock_route route);
int mock_route_find(struct auth_view name); /* -1 when unknown */

#endif
