/* Inside the admin API only: the table of calls. */
#ifndef MOCK_EPIC_ADMIN_ROUTES_H
#define MOCK_EPIC_ADMIN_ROUTES_H

#include "mock_epic/admin/call.h"

/* Every call there is. static */
const struct mock_admin_route *mock_admin_routes(size_t *count);
/* The row for a method and a path; HEAD counts as GET.
 * out  *id  the path's last segment, where the row takes one; still percent-encoded
 *      *path_is_known  there is a row for that path, perhaps with another method
 * NULL: none */
const struct mock_admin_route *mock_admin_route_find(struct auth_view method, struct auth_view path,
                                                     struct auth_view *id, bool *path_is_known);

/* Append the methods that a path takes: "GET, HEAD, PUT". */
void mock_admin_routes_methods(struct auth_view path, struct auth_buf *out);
/* The path that was meant, perhaps; NULL when none is near. static */
const char *mock_admin_routes_likely(struct auth_view path);

#endif
