/* Which times there are: the years 1970 to 9999, in which every date can be written with four digits and every sum of a
 * time and a lifetime fits. Whoever takes a time or moves one asks here, so that no door lets in what another refuses. */
#ifndef AUTH_CORE_TIME_H
#define AUTH_CORE_TIME_H

#include "auth/core/buf.h"

#define AUTH_TIME_MIN_S INT64_C(0)
#define AUTH_TIME_MAX_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
/* The longest step that can lead from one time to another. */
#define AUTH_TIME_STEP_MAX_S (AUTH_TIME_MAX_S - AUTH_TIME_MIN_S)
/* For messages. */
#define AUTH_TIME_RANGE_TEXT "1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z"

/* Epoch seconds within the range. */
bool auth_time_is_valid(int64_t epoch_s);
/* sum = epoch_s + step_s; false, and *sum as it was, when the sum is no valid time. Any int64_t may be given. */
AUTH_MUST_CHECK bool auth_time_add(int64_t epoch_s, int64_t step_s, int64_t *sum_s);
/* The valid time nearest to that sum, for what moves by itself: a lifetime, a token made older. */
int64_t auth_time_shift(int64_t epoch_s, int64_t step_s);
/* The nearest valid time, in microseconds; the last second of the range is included to its end. */
int64_t auth_time_clamp_us(int64_t epoch_us);
/* Append epoch seconds as RFC 3339 in UTC, "2026-11-23T18:00:00Z". Years 0000-9999; outside them the number. */
void auth_time_write(struct auth_buf *out, int64_t epoch_s);
/* Epoch seconds as an HTTP date, "Mon, 23 Nov 2026 18:00:00 GMT" (RFC 9110 5.6.7). */
enum { AUTH_TIME_HTTP_N = 29 };
void auth_time_write_http(char text[AUTH_TIME_HTTP_N + 1], int64_t epoch_s);
/* RFC 3339 (zone Z or +hh:mm; fraction ignored) or plain epoch seconds; a valid time, else false and
 * *epoch_s as it was. */
AUTH_MUST_CHECK bool auth_time_parse(struct auth_view text, int64_t *epoch_s);
/* Any of the three forms that a recipient must take (RFC 9110 5.6.7): IMF-fixdate as auth_time_write_http() writes it, that of
 * RFC 850 (two digits of the year: 1970 to 2069), that of asctime(); a valid time. */
AUTH_MUST_CHECK bool auth_time_parse_http(struct auth_view text, int64_t *epoch_s);
/* A time as people write it: RFC 3339, epoch seconds, or a Date header. False when it is none or not valid. */
AUTH_MUST_CHECK bool auth_time_read(struct auth_view text, int64_t *epoch_s);

#endif
