/* Sending an answer that a fault disturbs: in drops, cut short, of another length than it says, or with a reset in its midst. */
#include "mock_epic/server/private.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "mock_epic/server/disturb.h"

enum { BLOCK_N = 64 * 1024 };

/* Send a reset: libmicrohttpd shuts a connection down before it closes it, and then there is none. */
static void reset_connection(const struct connection *c)
{
    struct sockaddr nobody;
    memset(&nobody, 0, sizeof nobody);
    nobody.sa_family = AF_UNSPEC;
    (void)connect(c->fd, &nobody, sizeof nobody);
}

/* How many bytes of the body are sent before the connection ends. */
static uint64_t end_of(const struct mock_wire *wire, size_t size)
{
    uint64_t end = size;
    if (wire->is_truncated && (uint64_t)wire->truncate_at < end)
        end = (uint64_t)wire->truncate_at;
    if (wire->is_reset && (uint64_t)wire->reset_after < end)
        end = (uint64_t)wire->reset_after;
    return end;
}

/* Sleep before the next drop. False: it may fall now. */
static bool await_drop(struct connection *c)
{
    const struct auth_env *env = c->server->env;
    const struct mock_wire *wire = &c->response.wire;
    if (wire->drip_every_ms == 0 || atomic_load(&c->wait.fault->is_removed) || !mock_server_enter_suspension(c))
        return false;
    c->wait.cause = c->wait.fault;
    mock_wait_for(&c->wait, env, wire->drip_every_ms);
    mock_server_extend_deadline(c);
    MHD_suspend_connection(c->mhd);
    mock_disturb_wait(&c->wait);
    return true;
}

static ssize_t read_disturbed(void *cls, uint64_t pos, char *to, size_t max)
{
    struct connection *c = cls;
    const struct mock_wire *wire = &c->response.wire;
    size_t size = mock_response_size(&c->response);
    uint64_t end = end_of(wire, size);
    mock_server_leave_suspension(c);
    if (pos >= end) {
        if (wire->is_reset)
            reset_connection(c);
        return end < size || wire->length_delta > 0 ? MHD_CONTENT_READER_END_WITH_ERROR
                                                    : MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (wire->drip_bytes) {
        if (pos >= c->drop_end) {
            c->drop_end = pos + (uint64_t)wire->drip_bytes;
            if (pos > 0 && await_drop(c))
                return 0;
        }
        end = c->drop_end < end ? c->drop_end : end;
    }
    return mock_server_read_pieces(c, pos, to, end - pos < max ? (size_t)(end - pos) : max);
}

/* One whose Content-Length is smaller than what follows cannot be had but by setting it by hand. */
static struct MHD_Response *shortened_response(struct connection *c, size_t length)
{
    char digits[24];
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_N, read_disturbed, c, NULL);
    if (!response)
        return NULL;
    (void)snprintf(digits, sizeof digits, "%zu", length);
    (void)MHD_set_response_options(
        response, (enum MHD_ResponseFlags)(MHD_RF_HTTP_1_0_COMPATIBLE_STRICT | MHD_RF_INSANITY_HEADER_CONTENT_LENGTH),
        MHD_RO_END);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_LENGTH, digits);
    return response;
}

static struct MHD_Response *response_of(struct connection *c)
{
    const struct mock_wire *wire = &c->response.wire;
    size_t size = mock_response_size(&c->response);
    if (wire->length_delta < 0) {
        uint64_t less = (uint64_t)-wire->length_delta;
        return shortened_response(c, less < size ? size - (size_t)less : 0);
    }
    return MHD_create_response_from_callback(size + (uint64_t)wire->length_delta, BLOCK_N, read_disturbed, c, NULL);
}

enum MHD_Result mock_server_send_disturbed(struct connection *c, struct MHD_Connection *mhd)
{
    const struct mock_wire *wire = &c->response.wire;
    if (wire->is_reset && (wire->reset_after < 0 || mock_response_size(&c->response) == 0)) {
        reset_connection(c);
        return MHD_NO;
    }
    c->piece = c->piece_start = 0;
    c->drop_end = 0;
    struct MHD_Response *response = response_of(c);
    return response ? mock_server_queue(c, mhd, response) : MHD_NO;
}
