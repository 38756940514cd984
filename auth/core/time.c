/* Times: the one guard for them, and how they are written and read. */
#include "auth/core/time.h"

#include <string.h>

bool auth_time_is_valid(int64_t epoch_s)
{
    return epoch_s >= AUTH_TIME_MIN_S && epoch_s <= AUTH_TIME_MAX_S;
}

bool auth_time_add(int64_t epoch_s, int64_t step_s, int64_t *sum_s)
{
    /* two numbers within these bounds cannot overflow */
    if (!auth_time_is_valid(epoch_s) || step_s < -AUTH_TIME_STEP_MAX_S || step_s > AUTH_TIME_STEP_MAX_S ||
        !auth_time_is_valid(epoch_s + step_s))
        return false;
    *sum_s = epoch_s + step_s;
    return true;
}

int64_t auth_time_shift(int64_t epoch_s, int64_t step_s)
{
    int64_t sum_s;
    if (auth_time_add(epoch_s, step_s, &sum_s))
        return sum_s;
    return step_s < 0 ? AUTH_TIME_MIN_S : AUTH_TIME_MAX_S;
}

int64_t auth_time_clamp_us(int64_t epoch_us)
{
    static const int64_t min_us = AUTH_TIME_MIN_S * 1000000, max_us = AUTH_TIME_MAX_S * 1000000 + 999999;
    if (epoch_us < min_us)
        return min_us;
    return epoch_us > max_us ? max_us : epoch_us;
}

/* ---- calendar: days from civil and back, proleptic Gregorian, eras of 400 years counted from March ---- */

/* gmtime_r() and timegm() count in time_t, which on 32-bit systems of this decade ends in 2038; and a date stands in every
 * answer: 4 ns here, 49 there, with a lock that all threads share. */

struct civil {
    int64_t year;
    unsigned month, day, hour, minute, second, weekday;
};

static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static struct civil civil_of(int64_t epoch_s)
{
    int64_t days = epoch_s / 86400 - (epoch_s % 86400 < 0);
    unsigned rest = (unsigned)(epoch_s - days * 86400);
    struct civil c = {.hour = rest / 3600, .minute = rest / 60 % 60, .second = rest % 60};
    c.weekday = (unsigned)(((days + 4) % 7 + 7) % 7); /* day 0 was a Thursday */
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    c.day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    c.month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    c.year = year_of_era + era * 400 + (c.month <= 2);
    return c;
}

/* Years 0000 to 9999, what four digits can write. */
static const int64_t year_0_s = -62167219200, year_10000_s = 253402300800;

static bool is_writable(int64_t epoch_s)
{
    return epoch_s >= year_0_s && epoch_s < year_10000_s;
}

void auth_time_write(struct auth_buf *out, int64_t epoch_s)
{
    if (!is_writable(epoch_s)) {
        auth_buf_add_int(out, epoch_s);
        return;
    }
    struct civil c = civil_of(epoch_s);
    auth_buf_addf(out, "%04d-%02u-%02uT%02u:%02u:%02uZ", (int)c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static const char weekdays[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void put_digits(char *to, unsigned value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        to[i] = (char)('0' + value % 10);
}

/* Every answer carries one, so it is put together by hand: snprintf() took as long as the rest of the headers. */
void auth_time_write_http(char text[AUTH_TIME_HTTP_N + 1], int64_t epoch_s)
{
    if (!is_writable(epoch_s))
        epoch_s = epoch_s < year_0_s ? year_0_s : year_10000_s - 1;
    struct civil c = civil_of(epoch_s);
    memcpy(text, "Www, dd Mmm yyyy hh:mm:ss GMT", AUTH_TIME_HTTP_N + 1);
    memcpy(text, weekdays[c.weekday], 3);
    put_digits(text + 5, c.day, 2);
    memcpy(text + 8, months[c.month - 1], 3);
    put_digits(text + 12, (unsigned)c.year, 4);
    put_digits(text + 17, c.hour, 2);
    put_digits(text + 20, c.minute, 2);
    put_digits(text + 23, c.second, 2);
}

/* ---- reading times ---- */

/* Exactly n digits from *at on. */
static bool digits(struct auth_view text, size_t *at, size_t n, unsigned *value)
{
    *value = 0;
    if (text.n - *at < n)
        return false;
    for (size_t end = *at + n; *at < end; (*at)++) {
        if (text.p[*at] < '0' || text.p[*at] > '9')
            return false;
        *value = *value * 10 + (unsigned)(text.p[*at] - '0');
    }
    return true;
}

static bool character(struct auth_view text, size_t *at, const char *any_of)
{
    if (*at >= text.n || !text.p[*at] || !strchr(any_of, text.p[*at]))
        return false;
    (*at)++;
    return true;
}

static bool epoch_of(const struct civil *c, int64_t *epoch_s)
{
    static const unsigned month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    if (c->month < 1 || c->month > 12 || c->hour > 23 || c->minute > 59 || c->second > 59 || c->day < 1)
        return false;
    if (c->day > month_days[c->month - 1] + (c->month == 2 && is_leap))
        return false;
    *epoch_s = days_of(c->year, c->month, c->day) * 86400 + (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 +
               (int64_t)c->second;
    return true;
}

/* "Z" or "+hh:mm"; must end the text. */
static bool read_zone(struct auth_view text, size_t at, int64_t *offset_s)
{
    unsigned hour, minute;
    *offset_s = 0;
    if (character(text, &at, "Zz"))
        return at == text.n;
    bool is_west = at < text.n && text.p[at] == '-';
    if (!character(text, &at, "+-") || !digits(text, &at, 2, &hour) || !character(text, &at, ":") ||
        !digits(text, &at, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *offset_s = (int64_t)(hour * 3600 + minute * 60) * (is_west ? -1 : 1);
    return at == text.n;
}

static bool keep_valid(int64_t read_s, int64_t *epoch_s)
{
    bool is_valid = auth_time_is_valid(read_s);
    if (is_valid)
        *epoch_s = read_s;
    return is_valid;
}

bool auth_time_parse(struct auth_view text, int64_t *epoch_s)
{
    struct civil c = {0};
    unsigned year, fraction;
    size_t at = 0;
    int64_t offset_s, local_s;
    if (auth_view_int(text, &local_s))
        return keep_valid(local_s, epoch_s);
    if (!digits(text, &at, 4, &year) || !character(text, &at, "-") || !digits(text, &at, 2, &c.month) ||
        !character(text, &at, "-") || !digits(text, &at, 2, &c.day) || !character(text, &at, "Tt ") ||
        !digits(text, &at, 2, &c.hour) || !character(text, &at, ":") || !digits(text, &at, 2, &c.minute) ||
        !character(text, &at, ":") || !digits(text, &at, 2, &c.second))
        return false;
    if (character(text, &at, ".")) {
        if (!digits(text, &at, 1, &fraction))
            return false;
        while (digits(text, &at, 1, &fraction)) {
        }
    }
    c.year = year;
    if (!read_zone(text, at, &offset_s) || !epoch_of(&c, &local_s))
        return false;
    return keep_valid(local_s - offset_s, epoch_s);
}

static bool read_month(struct auth_view text, size_t *at, unsigned *month)
{
    for (unsigned i = 0; i < 12; i++) {
        if (text.n - *at >= 3 && memcmp(text.p + *at, months[i], 3) == 0) {
            *month = i + 1;
            *at += 3;
            return true;
        }
    }
    return false;
}

/* "hh:mm:ss" */
static bool read_clock(struct auth_view text, size_t *at, struct civil *c)
{
    return digits(text, at, 2, &c->hour) && character(text, at, ":") && digits(text, at, 2, &c->minute) &&
           character(text, at, ":") && digits(text, at, 2, &c->second);
}

/* "23 Nov 2026 18:00:00 GMT", or "23-Nov-26 18:00:00 GMT" of RFC 850, whose years are those of 1970 to 2069. */
static bool read_date_behind_comma(struct auth_view text, struct civil *c)
{
    unsigned year = 0;
    size_t at = 0;
    if (!digits(text, &at, 2, &c->day) || !character(text, &at, " -"))
        return false;
    bool is_old = text.p[at - 1] == '-';
    if (!read_month(text, &at, &c->month) || !character(text, &at, is_old ? "-" : " ") ||
        !digits(text, &at, is_old ? 2 : 4, &year))
        return false;
    c->year = !is_old ? year : year < 70 ? 2000 + year : 1900 + year;
    return character(text, &at, " ") && read_clock(text, &at, c) && auth_view_equals(auth_view_from(text, at), " GMT");
}

/* asctime(): "Nov 23 18:00:00 2026", the day with a blank before a single digit. */
static bool read_asctime(struct auth_view text, struct civil *c)
{
    unsigned year = 0;
    size_t at = 0;
    if (!read_month(text, &at, &c->month) || !character(text, &at, " "))
        return false;
    bool is_short = character(text, &at, " ");
    if (!digits(text, &at, is_short ? 1 : 2, &c->day) || !character(text, &at, " ") || !read_clock(text, &at, c) ||
        !character(text, &at, " ") || !digits(text, &at, 4, &year))
        return false;
    c->year = year;
    return at == text.n;
}

bool auth_time_parse_http(struct auth_view text, int64_t *epoch_s)
{
    struct civil c = {0};
    int64_t read_s;
    /* the weekday is implied by the date; only its shape is looked at */
    size_t weekday = 0;
    while (weekday < text.n && ((text.p[weekday] | 0x20) >= 'a' && (text.p[weekday] | 0x20) <= 'z'))
        weekday++;
    struct auth_view rest = auth_view_from(text, weekday);
    bool has_comma = auth_view_starts(rest, ", ");
    size_t gap = has_comma ? 2 : 1;
    if (weekday < 3 || (!has_comma && !auth_view_starts(rest, " ")))
        return false;
    rest = auth_view_from(rest, gap);
    return (has_comma ? read_date_behind_comma(rest, &c) : read_asctime(rest, &c)) && epoch_of(&c, &read_s) &&
           keep_valid(read_s, epoch_s);
}

bool auth_time_read(struct auth_view text, int64_t *epoch_s)
{
    return auth_time_parse(text, epoch_s) || auth_time_parse_http(text, epoch_s);
}
