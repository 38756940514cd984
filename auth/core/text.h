/* Small facts about text that several folders need: UTF-8, showing untrusted bytes to people, hex, similar names. */
#ifndef AUTH_CORE_TEXT_H
#define AUTH_CORE_TEXT_H

#include "auth/core/buf.h"

/* Well-formed UTF-8 (no overlong form, no surrogate, at most U+10FFFF). */
bool auth_text_is_utf8(struct auth_view text);
/* Bytes of the well-formed sequence that a non-empty text starts with; 0 when it starts with none. */
size_t auth_text_sequence(struct auth_view text);
/* The code point that text begins with; U+FFFD where it begins with no well-formed UTF-8. text must not be empty. */
unsigned auth_text_code_point(struct auth_view text);
/* Bytes of printable ASCII, space included, that a text starts with. */
size_t auth_text_printable(struct auth_view text);
/* Of eight bytes looked at as one number, each by its top bit: how many stand before the first whose bit is set. 0, which is
 * never too many, where none is or the order of bytes does not tell. */
static inline size_t auth_bytes_before_mark(uint64_t marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return marks ? (size_t)__builtin_ctzll(marks) / 8 : 0;
#else
    return marks & 0;
#endif
}

/* Number of code points of well-formed UTF-8. */
size_t auth_text_length(struct auth_view text);
/* Append untrusted text so that it is safe on a terminal and in a log line: control bytes (C0, DEL, C1), line
 * separators, invisible and direction-turning characters and malformed UTF-8 become \xNN, and what exceeds max_n bytes
 * is cut with "...". */
void auth_text_escape(struct auth_buf *out, struct auth_view text, size_t max_n);

/* Cut a text that is longer than max_n bytes, at a code point, and answer what a message has to write behind it: "..." where
 * it was cut, else "". No message cuts without the mark: readers are misled, and mock_redact() knows by it what may be the
 * beginning of a secret. */
const char *auth_text_cut(struct auth_view *text, size_t max_n);

/* What a hex digit of either case stands for, 0..15; -1 for any other byte. */
int auth_text_hex_value(char c);
/* Sets of ASCII characters: what a URL may hold as it is wherever it stands (RFC 3986 2.3), and what the name of a header is made
 * of (RFC 9110 5.6.2). */
enum auth_text_set { AUTH_TEXT_UNRESERVED = 1, AUTH_TEXT_TOKEN = 2 };
/* Whether all of text is of that set; the empty text is. */
bool auth_text_is_of(enum auth_text_set set, struct auth_view text);
bool auth_text_is_unreserved(char c);
/* Letters to put in, take out, change or swap with their neighbour until two names are the same; SIZE_MAX when one of them
 * has AUTH_TEXT_NAME_N bytes or more. For "did you mean": one slip in three letters is likely, more is another word. */
enum { AUTH_TEXT_NAME_N = 40 };
size_t auth_text_distance(struct auth_view a, struct auth_view b);
/* Append n bytes as hex digits, upper case when asked. */
void auth_text_hex(struct auth_buf *out, const void *bytes, size_t n, bool upper);

#endif
