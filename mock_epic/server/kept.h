/* The libmicrohttpd response of a connection's last answer, for one like it.
 *
 * Of a small answer most of the cost was a dozen headers that are copied, checked and freed one by one. The next answer on a
 * connection mostly differs in few of them, so the response stays and only headers whose values were made for this request
 * (Date, the journal's number) are exchanged. It fits where the body lies at the same place and is as long, and the other
 * headers are the same; else a new one is made. On the wire nothing tells which it was. Not for two threads at once. */
#ifndef MOCK_EPIC_SERVER_KEPT_H
#define MOCK_EPIC_SERVER_KEPT_H

#include <microhttpd.h>

#include "mock_epic/http/message.h"

struct mock_kept;

/* The response for an answer whose body is these n bytes, which must stay where they are until it was sent. It belongs to
 * *kept, which is NULL at first: queue it and do not destroy it. NULL when out of memory. */
struct MHD_Response *mock_kept_response(struct mock_kept **kept, const struct mock_response *answer, const char *body,
                                        size_t n);
void mock_kept_free(struct mock_kept *kept);

#endif
