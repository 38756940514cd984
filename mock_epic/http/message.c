/* Headers and bodies of requests and responses. */
#include "mock_epic/http/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct auth_view mock_request_header(const struct mock_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (auth_view_equals_nocase(request->headers[i].name, name))
            return request->headers[i].value;
    }
    return auth_view_from_string("");
}

void mock_response_init(struct mock_response *response)
{
    memset(response, 0, offsetof(struct mock_response, text));
    response->status = 200;
    auth_buf_init_secret(&response->text, MOCK_RESPONSE_BODY_MAX);
    response->pieces = NULL;
    response->piece_count = response->piece_size = 0;
    response->reason[0] = '\0';
    response->decision = 0;
    response->is_told = response->is_spoiled = false;
    response->wire = (struct mock_wire){.delay_ms = 0};
}

bool mock_response_is_too_big(const struct mock_response *response)
{
    return response->text.is_full;
}

void mock_response_clear(struct mock_response *response)
{
    auth_buf_clear(&response->text);
    free(response->pieces);
    mock_response_init(response);
}

void mock_response_reset(struct mock_response *response)
{
    response->status = 200;
    response->header_count = 0;
    response->header_text_n = 0;
    auth_buf_reset(&response->text);
    response->piece_count = 0;
    response->reason[0] = '\0';
    response->decision = 0;
    response->is_told = response->is_spoiled = false;
    response->wire = (struct mock_wire){.delay_ms = 0};
}

void mock_response_because(struct mock_response *response, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auth_err_format(response->reason, sizeof response->reason, format, args);
    va_end(args);
}

/* ---- headers ---- */

void mock_response_header(struct mock_response *response, const char *name, const char *static_value)
{
    if (response->header_count == MOCK_RESPONSE_HEADERS_MAX) {
        response->is_spoiled = true;
        return;
    }
    response->headers[response->header_count].name = name;
    response->headers[response->header_count++].value = static_value;
}

/* A copy that lives as long as the response; NULL, and the response spoiled, where it does not fit. */
static const char *copy_text(struct mock_response *response, struct auth_view text)
{
    char *to = response->header_text + response->header_text_n;
    if (text.n >= sizeof response->header_text - response->header_text_n) {
        response->is_spoiled = true;
        return NULL;
    }
    if (text.n)
        memcpy(to, text.p, text.n);
    to[text.n] = '\0';
    response->header_text_n += text.n + 1;
    return to;
}

void mock_response_header_copy(struct mock_response *response, const char *name, struct auth_view value)
{
    const char *copy = copy_text(response, value);
    if (copy)
        mock_response_header(response, name, copy);
}

void mock_response_header_set(struct mock_response *response, struct auth_view name, struct auth_view value)
{
    size_t kept = 0;
    for (size_t i = 0; i < response->header_count; i++) {
        if (!auth_view_equals_nocase(name, response->headers[i].name))
            response->headers[kept++] = response->headers[i];
    }
    response->header_count = kept;
    const char *copy = copy_text(response, name);
    if (copy)
        mock_response_header_copy(response, copy, value);
}

void mock_response_header_number(struct mock_response *response, const char *name, uint64_t value)
{
    char digits[20], *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + value % 10);
    } while (value /= 10);
    mock_response_header_copy(response, name, auth_view_bytes(at, (size_t)(digits + sizeof digits - at)));
}

/* ---- body ---- */

static void add_piece(struct mock_response *response, struct mock_piece piece)
{
    if (piece.n == 0)
        return;
    struct mock_piece *pieces =
        auth_array_fit(response->pieces, response->piece_count, &response->piece_size, sizeof *pieces);
    if (!pieces) {
        response->is_spoiled = true;
        return;
    }
    response->pieces = pieces;
    response->pieces[response->piece_count++] = piece;
}

/* Bytes of response->text that are part of a piece already: up to the end of the last own piece. */
static size_t sealed_n(const struct mock_response *response)
{
    for (size_t i = response->piece_count; i > 0; i--) {
        const struct mock_piece *piece = &response->pieces[i - 1];
        if (!piece->borrowed)
            return piece->at + piece->n;
    }
    return 0;
}

void mock_response_seal_text(struct mock_response *response)
{
    size_t at = sealed_n(response);
    add_piece(response, (struct mock_piece){.at = at, .n = response->text.n - at});
}

void mock_response_add_text(struct mock_response *response, struct auth_view bytes)
{
    auth_buf_add_view(&response->text, bytes);
    mock_response_seal_text(response);
}

const char *mock_response_piece(const struct mock_response *response, const struct mock_piece *piece)
{
    return piece->borrowed ? piece->borrowed : response->text.p + piece->at;
}

void mock_response_add_borrowed(struct mock_response *response, struct auth_view bytes)
{
    mock_response_seal_text(response);
    add_piece(response, (struct mock_piece){.borrowed = bytes.p, .n = bytes.n});
}

void mock_response_replace_body(struct mock_response *response, struct auth_view bytes)
{
    auth_buf_reset(&response->text);
    response->piece_count = 0;
    mock_response_add_text(response, bytes);
}

size_t mock_response_size(const struct mock_response *response)
{
    size_t n = 0;
    for (size_t i = 0; i < response->piece_count; i++)
        n += response->pieces[i].n;
    return n;
}

void mock_response_body(const struct mock_response *response, struct auth_buf *out)
{
    for (size_t i = 0; i < response->piece_count; i++) {
        const struct mock_piece *piece = &response->pieces[i];
        auth_buf_add(out, mock_response_piece(response, piece), piece->n);
    }
}
