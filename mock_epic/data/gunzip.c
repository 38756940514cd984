/* One stream, member after member, in pieces that fit zlib's 32 bits. */
#define ZLIB_CONST /* next_in points to const */
#include "mock_epic/data/gunzip.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { PIECE_N = 32 * 1024, WINDOW_BITS_GZIP = 15 + 16 };

bool mock_is_gzip(struct auth_view bytes)
{
    return bytes.n >= 2 && memcmp(bytes.p, "\x1f\x8b", 2) == 0;
}

static bool is_padding(struct auth_view bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.p[i])
            return false;
    }
    return true;
}

/* What zlib's answer means where it is neither progress nor the end of a member. */
static enum auth_rc refusal(const z_stream *stream, int answer, struct auth_err *err)
{
    if (answer == Z_MEM_ERROR)
        return auth_err_no_memory(err);
    if (answer == Z_BUF_ERROR)
        return auth_err_set(err, AUTH_E_SYNTAX, "gzip: cut short");
    return auth_err_set(err, AUTH_E_SYNTAX, "gzip: %s", stream->msg ? stream->msg : "not what gzip writes");
}

/* Up to the end of a member. *rest: what is behind it. */
static enum auth_rc inflate_member(z_stream *stream, struct auth_view *rest, struct auth_buf *out, struct auth_err *err)
{
    unsigned char piece[PIECE_N];
    int answer = Z_OK;
    while (answer == Z_OK) {
        stream->next_in = (const Bytef *)rest->p;
        stream->avail_in = rest->n < UINT_MAX ? (uInt)rest->n : UINT_MAX;
        stream->next_out = piece;
        stream->avail_out = PIECE_N;
        answer = inflate(stream, Z_NO_FLUSH);
        auth_buf_add(out, piece, PIECE_N - stream->avail_out);
        *rest = auth_view_from(*rest, (size_t)((const char *)stream->next_in - rest->p));
        if (!auth_buf_ok(out) && out->is_full)
            return auth_err_set(err, AUTH_E_TOO_BIG, "gzip: it holds more than %zu bytes", out->cap);
        if (!auth_buf_ok(out))
            return auth_err_no_memory(err);
    }
    return answer == Z_STREAM_END ? AUTH_OK : refusal(stream, answer, err);
}

enum auth_rc mock_gunzip(struct auth_view bytes, struct auth_buf *out, struct auth_err *err)
{
    z_stream stream = {0};
    enum auth_rc rc = AUTH_OK;
    if (inflateInit2(&stream, WINDOW_BITS_GZIP) != Z_OK)
        return auth_err_no_memory(err);
    do {
        rc = inflate_member(&stream, &bytes, out, err);
        if (rc == AUTH_OK && inflateReset(&stream) != Z_OK)
            rc = auth_err_set(err, AUTH_E_INTERNAL, "gzip: the stream cannot be begun anew");
    } while (rc == AUTH_OK && mock_is_gzip(bytes));
    inflateEnd(&stream);
    if (rc == AUTH_OK && !is_padding(bytes))
        return auth_err_set(err, AUTH_E_SYNTAX, "gzip: %zu bytes behind its end", bytes.n);
    return rc;
}
