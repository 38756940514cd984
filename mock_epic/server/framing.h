/* What HTTP forbids whatever a request is about: where its body ends, whose it is, which bytes a header may hold. Pure. */
#ifndef MOCK_EPIC_SERVER_FRAMING_H
#define MOCK_EPIC_SERVER_FRAMING_H

#include "mock_epic/http/message.h"

struct mock_framing {
    bool has_body;   /* one is announced; its length may be 0 */
    bool is_chunked; /* its length is not known before its end */
    int64_t length;  /* when not chunked; INT64_MAX stands for all that is longer */
};

/* in   headers  values without white space around them
 *      is_1_0   HTTP/1.0, which knows no Host
 * 0, or the status to refuse with: 400 for what two readers may read differently (RFC 9112 3.2, 5, 6.1 to 6.3) */
int mock_framing_check(const struct mock_header *headers, size_t count, bool is_1_0, struct mock_framing *out);

#endif
