/* An answer handed to libmicrohttpd, its body from where the pieces lie. */
#include <string.h>

#include "mock_epic/server/private.h"

/* Hand out the body's bytes from pos on. libmicrohttpd asks in order, so the place of the last piece is remembered. */
ssize_t mock_server_read_pieces(void *cls, uint64_t pos, char *to, size_t max)
{
    struct connection *c = cls;
    const struct mock_response *response = &c->response;
    size_t done = 0;
    while (done < max && c->piece < response->piece_count) {
        const struct mock_piece *piece = &response->pieces[c->piece];
        size_t at = (size_t)pos + done - c->piece_start;
        size_t n = piece->n - at < max - done ? piece->n - at : max - done;
        memcpy(to + done, mock_response_piece(response, piece) + at, n);
        done += n;
        if (at + n == piece->n) {
            c->piece_start += piece->n;
            c->piece++;
        }
    }
    return done ? (ssize_t)done : MHD_CONTENT_READER_END_OF_STREAM;
}

enum MHD_Result mock_server_queue(const struct connection *c, struct MHD_Connection *mhd, struct MHD_Response *response)
{
    for (size_t i = 0; i < c->response.header_count; i++)
        MHD_add_response_header(response, c->response.headers[i].name, c->response.headers[i].value);
    if (!c->is_whole) /* the connection ends here, and what it keeps with it */
        MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result result = MHD_queue_response(mhd, (unsigned)c->response.status, response);
    MHD_destroy_response(response);
    return result;
}
