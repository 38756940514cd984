#include "auth/core/text.h"

#include <string.h>

#include "auth/core/time.h"

/* ---- UTF-8 ---- */

/* The bounds of Unicode 15, table 3-7. */
size_t auth_text_sequence(struct auth_view text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    unsigned char low = 0x80, high = 0xbf; /* bounds of the second byte */
    size_t n;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        n = 2;
    } else if ((p[0] & 0xf0) == 0xe0) {
        n = 3;
        low = p[0] == 0xe0 ? 0xa0 : 0x80;
        high = p[0] == 0xed ? 0x9f : 0xbf;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        n = 4;
        low = p[0] == 0xf0 ? 0x90 : 0x80;
        high = p[0] == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (text.n < n || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return n;
}

/* Bytes at the start of text that are ASCII for sure, eight at a time. */
static size_t ascii_prefix(struct auth_view text)
{
    size_t n = 0;
    uint64_t eight;
    for (; text.n - n >= sizeof eight; n += sizeof eight) {
        memcpy(&eight, text.p + n, sizeof eight);
        if (eight & 0x8080808080808080U)
            break;
    }
    return n;
}

bool auth_text_is_utf8(struct auth_view text)
{
    /* by position, since the empty view's pointer may be NULL, to which C forbids to add even 0 */
    for (size_t at = ascii_prefix(text), n; at < text.n; at += n) {
        n = (unsigned char)text.p[at] < 0x80 ? 1 : auth_text_sequence(auth_view_from(text, at));
        if (n == 0)
            return false;
    }
    return true;
}

size_t auth_text_length(struct auth_view text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.n; i++)
        count += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return count;
}

static bool is_between(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

/* Controls that a terminal acts on, C0, DEL and C1 (C2 80..9F); the line separators U+2028/2029; and what is there and
 * not seen: zero-width characters, and those that turn the direction of writing (U+200B-F, 202A-E, 2060-9, 61C, FEFF). */
static bool is_safe(const unsigned char *p, size_t n)
{
    if (n == 1)
        return p[0] >= 0x20 && p[0] != 0x7f;
    if (n == 2)
        return !(p[0] == 0xc2 && p[1] < 0xa0) && !(p[0] == 0xd8 && p[1] == 0x9c);
    if (n == 3 && p[0] == 0xe2 && p[1] == 0x80)
        return !is_between(p[2], 0x8b, 0x8f) && !is_between(p[2], 0xa8, 0xae);
    if (n == 3 && p[0] == 0xe2 && p[1] == 0x81)
        return !is_between(p[2], 0xa0, 0xa9);
    return !(n == 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf);
}

const char *auth_text_cut(struct auth_view *text, size_t max_n)
{
    if (text->n <= max_n)
        return "";
    text->n = max_n;
    while (text->n && ((unsigned char)text->p[text->n] & 0xc0) == 0x80)
        text->n--;
    return AUTH_ERR_CUT;
}

void auth_text_escape(struct auth_buf *out, struct auth_view text, size_t max_n)
{
    static const char hex[] = "0123456789abcdef";
    size_t shown = 0;
    while (text.n) {
        size_t n = auth_text_sequence(text);
        const unsigned char *p = (const unsigned char *)text.p;
        bool plain = n && is_safe(p, n);
        size_t step = n ? n : 1;
        if (shown + step > max_n) {
            auth_buf_add_string(out, AUTH_ERR_CUT);
            return;
        }
        for (size_t i = 0; i < step; i++) {
            char escaped[] = {'\\', 'x', hex[p[i] >> 4], hex[p[i] & 15]};
            if (plain)
                auth_buf_add_char(out, (char)p[i]);
            else
                auth_buf_add(out, escaped, sizeof escaped);
        }
        shown += step;
        text.p += step;
        text.n -= step;
    }
}

int auth_text_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void auth_text_hex(struct auth_buf *out, const void *bytes, size_t n, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) {
        auth_buf_add_char(out, digits[p[i] >> 4]);
        auth_buf_add_char(out, digits[p[i] & 15]);
    }
}

/* ---- calendar: days from civil and back, proleptic Gregorian, eras of 400 years counted from March ---- */

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

void auth_text_time(struct auth_buf *out, int64_t epoch_s)
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
void auth_text_http_date(char text[AUTH_TEXT_HTTP_DATE_N + 1], int64_t epoch_s)
{
    if (!is_writable(epoch_s))
        epoch_s = epoch_s < year_0_s ? year_0_s : year_10000_s - 1;
    struct civil c = civil_of(epoch_s);
    memcpy(text, "Www, dd Mmm yyyy hh:mm:ss GMT", AUTH_TEXT_HTTP_DATE_N + 1);
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

bool auth_text_parse_time(struct auth_view text, int64_t *epoch_s)
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

bool auth_text_parse_http_date(struct auth_view text, int64_t *epoch_s)
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

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t auth_text_distance(struct auth_view a, struct auth_view b)
{
    size_t rows[3][AUTH_TEXT_NAME_N];
    if (a.n >= AUTH_TEXT_NAME_N || b.n >= AUTH_TEXT_NAME_N)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            now[j] = least(before[j - 1] + (a.p[i - 1] != b.p[j - 1]), least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[a.n % 3][b.n];
}
