/* One request on its connection: checked, its body taken, answered. */
#include "mock_epic/server/private.h"

#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/server/framing.h"

enum { DISCARD_MAX = 8 * 1024 * 1024 }; /* of a body that is too long, read so that its end can be answered */

/* ---- checking what HTTP forbids ---- */

struct header_walk {
    struct connection *c;
    size_t count;
    bool is_overfull;
};

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                   const char *value, size_t value_n)
{
    struct header_walk *walk = cls;
    (void)kind;
    if (walk->count == HEADERS_MAX) {
        walk->is_overfull = true;
        return MHD_NO;
    }
    walk->c->headers[walk->count].name = auth_view_bytes(name, name_n);
    walk->c->headers[walk->count].value = auth_view_bytes(value ? value : "", value ? value_n : 0);
    walk->count++;
    return MHD_YES;
}

/* Is there nothing but NULs, least to most of them, between two pointers? libmicrohttpd puts one in place of each byte that ends
 * something. */
static bool is_gap(const char *from, const char *to, size_t least, size_t most)
{
    static const char nuls[4];
    uintptr_t a = (uintptr_t)from, b = (uintptr_t)to;
    return b >= a + least && b <= a + most && memcmp(from, nuls, b - a) == 0;
}

/* libmicrohttpd 0.9.75 takes a NUL for the end of a value, a path or a method, so what stands behind it is hidden from us
 * and not from others; and it appends a folded line (RFC 9112 5.2) to the *name* of the header before it. It cuts the
 * request where it lies, though: if all was seen, each part starts where the one before it ended. Other versions may not. */
static bool is_all_seen(const struct connection *c, struct MHD_Connection *mhd, const char *method, const char *url,
                        const char *version, size_t count)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const char *at = version + strlen(version);
    if (strcmp(MHD_get_version(), "0.9.75") != 0 || !info)
        return true;
    const char *end = method + info->header_size;
    if (!is_gap(method + strlen(method), url, 1, 1) || url + c->uri.n + 1 != version)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_gap(at, c->headers[i].name.p, 1, 2))
            return false;
        at = c->headers[i].value.p + c->headers[i].value.n;
    }
    return is_gap(at, end, 2, 4);
}

static bool has_blank(struct auth_view uri)
{
    for (size_t i = auth_text_printable(uri); i < uri.n; i++) {
        if ((unsigned char)uri.p[i] < ' ' || uri.p[i] == 0x7f)
            return true;
    }
    return auth_view_find(uri, ' ') < uri.n;
}

/* RFC 9110 5.5: white space around a value is no part of it. */
static void trim_values(struct connection *c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        c->headers[i].value = auth_view_trim(c->headers[i].value);
}

static bool method_is_known(const char *method)
{
    static const char methods[][8] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

/* Fill c->request from the request line and headers. 0, or the status to refuse with. */
static int check_request(struct connection *c, struct MHD_Connection *mhd, const char *method, const char *url,
                         const char *version, struct mock_framing *framing)
{
    struct header_walk walk = {.c = c};
    struct auth_view query = auth_buf_view(&c->uri);
    if (c->is_uri_bad)
        return 414;
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, take_header, &walk);
    if (walk.is_overfull)
        return 431;
    if (query.n == 0 || query.p[0] != '/' || has_blank(query))
        return 400; /* absolute form, authority form and "*" name no path of ours */
    if (!is_all_seen(c, mhd, method, url, version, walk.count))
        return 400;
    if (!method_is_known(method))
        return 405;
    trim_values(c, walk.count);
    int status = mock_framing_check(c->headers, walk.count, strcmp(version, "HTTP/1.0") == 0, framing);
    if (status)
        return status;
    c->request = (struct mock_request){
        .method = auth_view_from_string(method),
        .path = auth_view_split(&query, '?'),
        .query = query,
        .headers = c->headers,
        .header_count = walk.count,
        .is_loopback_peer = c->is_loopback_peer,
    };
    c->request.query = query;
    if (!framing->has_body)
        return 0;
    c->body_rule = mock_dispatch_body(c->server->instance, &c->request);
    return !c->body_rule.is_refused && framing->length > (int64_t)c->body_rule.max ? 413 : 0;
}

/* ---- answering ---- */

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *text;
    } rows[] = {
        {400, "not the HTTP of RFC 9112, or what two readers may read differently"},
        {405, "no method that is known here"},
        {413, "the body is longer than is taken here"},
        {414, "path and query are longer than is taken here"},
        {431, "too many header fields"},
        {503, "the server stops, or holds as much for others as it may"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].status == status)
            return rows[i].text;
    }
    return "out of memory";
}

static void tell_refusal(const struct connection *c, int status)
{
    struct auth_view uri = auth_buf_view(&c->uri);
    struct auth_view path = auth_view_split(&uri, '?');
    mock_account_unsound(&c->server->instance->account, auth_view_from_string(c->method), path, status, !c->is_counted,
                         reason_of(status));
}

/* A bare refusal; the connection ends with it, because what follows on it cannot be trusted to be a request. */
static enum MHD_Result refuse(const struct connection *c, struct MHD_Connection *mhd, int status)
{
    tell_refusal(c, status);
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Connection", "close");
    if (status == 503)
        MHD_add_response_header(response, "Retry-After", "1");
    if (status == 405)
        MHD_add_response_header(response, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    enum MHD_Result result = MHD_queue_response(mhd, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

/* No MHD_create_response_from_iovec(): 0.9.75 copies the list into the connection's pool, and where it does not fit
 * (a Bundle of 270 entries, or a request with big headers) it destroys the response twice and aborts the process. */
static struct MHD_Response *response_of_pieces(struct connection *c)
{
    enum { BLOCK_N = 64 * 1024 };
    size_t size = mock_response_size(&c->response);
    c->piece = c->piece_start = 0;
    return MHD_create_response_from_callback(size, size < BLOCK_N ? size : BLOCK_N, mock_server_read_pieces, c, NULL);
}

/* What this connection keeps in memory until its peer has read it. Resources are borrowed and cost nothing. */
static bool may_hold_answer(struct connection *c)
{
    size_t n = c->response.text.size + c->response.piece_size * sizeof *c->response.pieces;
    return n <= KEEP_BUFFER_MAX || mock_budget_hold(&c->server->answers, &c->answer_held, n);
}

/* A body in one piece, or none. The bytes stay in the connection until on_completed(), so libmicrohttpd borrows them. */
static enum MHD_Result send_kept(struct connection *c, struct MHD_Connection *mhd)
{
    const struct mock_piece *piece = c->response.piece_count ? c->response.pieces : NULL;
    struct MHD_Response *response = mock_kept_response(
        &c->kept, &c->response, piece ? mock_response_piece(&c->response, piece) : NULL, piece ? piece->n : 0);
    if (!response)
        return refuse(c, mhd, 500);
    if (!c->is_whole) /* the connection ends here, and what it keeps with it */
        MHD_add_response_header(response, "Connection", "close");
    return MHD_queue_response(mhd, (unsigned)c->response.status, response);
}

static enum MHD_Result send_pieces(struct connection *c, struct MHD_Connection *mhd)
{
    struct MHD_Response *response = response_of_pieces(c);
    return response ? mock_server_queue(c, mhd, response) : refuse(c, mhd, 500);
}

static enum MHD_Result send_response(struct connection *c, struct MHD_Connection *mhd)
{
    if (c->response.is_spoiled || !auth_buf_ok(&c->response.text))
        return refuse(c, mhd, 500);
    if (!may_hold_answer(c)) {
        mock_response_clear(&c->response);
        return refuse(c, mhd, 503);
    }
    if (c->wait.fault)
        return mock_server_send_disturbed(c, mhd);
    return c->response.piece_count > 1 ? send_pieces(c, mhd) : send_kept(c, mhd);
}

/* Answer, or let the connection sleep until what the request waits for has come: no thread is held up by it. It is
 * suspended before the wait begins, because the wait may end at once and on another thread. */
static enum MHD_Result answer(struct connection *c, struct MHD_Connection *mhd)
{
    struct mock_instance *instance = c->server->instance;
    if (mock_dispatch_step(instance, &c->request, &c->wait, &c->response) == AUTH_OK) {
        c->is_counted = true;
        return send_response(c, mhd);
    }
    if (!mock_server_enter_suspension(c))
        return refuse(c, mhd, 503); /* the server stops */
    mock_server_extend_deadline(c);
    MHD_suspend_connection(mhd);
    mock_dispatch_wait(&c->wait);
    return MHD_YES;
}

/* The request line and headers are there, the body is not. What they alone decide is answered now, so that nobody makes
 * the server hold a body that it will not look at. */
static enum MHD_Result begin(struct connection *c, struct MHD_Connection *mhd, const char *method, const char *url,
                             const char *version)
{
    struct mock_framing framing;
    c->is_checked = true;
    c->method = method;
    int status = check_request(c, mhd, method, url, version, &framing);
    if (status)
        return refuse(c, mhd, status);
    if (c->body_rule.is_refused && framing.has_body) {
        c->request.body = auth_view_from_string("");
        return answer(c, mhd);
    }
    return MHD_YES;
}

/* Take a piece of the body. Where it cannot be taken the rest is read all the same, so that the answer arrives; but not
 * for ever: libmicrohttpd takes no answer before the body ends. */
static enum MHD_Result take_body(struct connection *c, const char *bytes, size_t n)
{
    c->body_n += n;
    if (c->body_n > c->body_rule.max) {
        c->refusal = 413;
    } else if (!c->refusal && c->body_rule.is_read) {
        auth_buf_add(&c->body, bytes, n);
        if (!auth_buf_ok(&c->body))
            c->refusal = 500;
        else if (!mock_budget_hold(&c->server->bodies, &c->body_held, c->body.size))
            c->refusal = 503;
    }
    if (c->refusal) {
        auth_buf_clear(&c->body);
        mock_budget_release(&c->server->bodies, &c->body_held);
    }
    return c->body_n > DISCARD_MAX ? MHD_NO : MHD_YES;
}

enum MHD_Result mock_server_on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                       const char *version, const char *upload, size_t *upload_n, void **slot)
{
    struct connection *c = *slot;
    (void)cls;
    if (!c)
        return MHD_NO;
    mock_server_leave_suspension(c);
    if (!c->is_checked)
        return begin(c, mhd, method, url, version);
    if (*upload_n) {
        enum MHD_Result result = take_body(c, upload, *upload_n);
        *upload_n = 0;
        return result;
    }
    c->is_whole = true;
    if (c->refusal)
        return refuse(c, mhd, c->refusal);
    c->request.body = auth_buf_view(&c->body);
    return answer(c, mhd);
}
