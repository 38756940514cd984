/* Stored blocks (RFC 1951 3.2.4) between the header and the trailer of gzip. */
#include "mock_epic/faults/gzip.h"

enum { BLOCK_MAX = 65535 };

static uint32_t crc_of(struct auth_view text)
{
    uint32_t crc = 0xffffffffU;
    for (size_t i = 0; i < text.n; i++) {
        crc ^= (unsigned char)text.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
    return ~crc;
}

static void add_number(struct auth_buf *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        auth_buf_add_char(out, (char)(value >> 8 * i & 0xff));
}

void mock_gzip(struct auth_view text, struct auth_buf *out)
{
    static const unsigned char header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    size_t at = 0;
    auth_buf_add(out, header, sizeof header);
    do {
        size_t n = text.n - at < BLOCK_MAX ? text.n - at : BLOCK_MAX;
        auth_buf_add_char(out, at + n == text.n ? 1 : 0); /* the last block says so */
        add_number(out, (uint32_t)n, 2);
        add_number(out, ~(uint32_t)n & 0xffff, 2);
        auth_buf_add(out, n ? text.p + at : "", n);
        at += n;
    } while (at < text.n);
    add_number(out, crc_of(text), 4);
    add_number(out, (uint32_t)(text.n & 0xffffffffU), 4);
}
