/* Lists, dates, tokens and references. Text: value_text.c. */
#include "mock_epic/data/value.h"

#include <string.h>

/* ---- lists ---- */

struct auth_view mock_value_split(struct auth_view *list)
{
    size_t at = 0;
    while (at < list->n && list->p[at] != ',')
        at += list->p[at] == '\\' && at + 1 < list->n ? 2 : 1;
    struct auth_view first = auth_view_bytes(list->p, at);
    *list = at < list->n ? auth_view_from(*list, at + 1) : auth_view_from_string("");
    return first;
}

struct auth_view mock_value_unescape(struct auth_view value, char *to)
{
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++) {
        bool is_escape = value.p[i] == '\\' && i + 1 < value.n && memchr(",|$\\", value.p[i + 1], 4);
        i += is_escape;
        to[n++] = value.p[i];
    }
    return auth_view_bytes(to, n);
}

/* ---- dates ---- */

static const char *const prefixes[] = {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"};

enum mock_prefix mock_prefix_cut(struct auth_view *value)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (!auth_view_starts(*value, prefixes[i]))
            continue;
        *value = auth_view_from(*value, 2);
        return (enum mock_prefix)i;
    }
    return MOCK_EQ;
}

/* Exactly n digits. */
static bool cut_number(struct auth_view *text, size_t n, int *number)
{
    *number = 0;
    if (text->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text->p[i] < '0' || text->p[i] > '9')
            return false;
        *number = *number * 10 + (text->p[i] - '0');
    }
    *text = auth_view_from(*text, n);
    return true;
}

static bool cut_char(struct auth_view *text, char c)
{
    bool is_there = text->n && text->p[0] == c;
    *text = is_there ? auth_view_from(*text, 1) : *text;
    return is_there;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01 of the first of a month; month may be 13. */
static int64_t day_number(int year, int month)
{
    int64_t days = 0, y = year - 1;
    days = y * 365 + y / 4 - y / 100 + y / 400 - 719162;
    for (int m = 1; m < month; m++)
        days += days_of(year, m);
    return days;
}

static const int64_t second_us = 1000000, day_us = 86400 * (int64_t)1000000;

/* ".123", digits beyond the sixth do not count. out: *step is what the last digit stands for */
static bool cut_fraction(struct auth_view *text, int64_t *us, int64_t *step)
{
    size_t digits = 0;
    if (!cut_char(text, '.'))
        return true;
    for (; text->n && text->p[0] >= '0' && text->p[0] <= '9'; digits++) {
        if (digits < 6) {
            *step /= 10;
            *us += (text->p[0] - '0') * *step;
        }
        *text = auth_view_from(*text, 1);
    }
    return digits > 0;
}

/* "Z", "+01:00"; nothing is UTC. */
static bool cut_zone(struct auth_view *text, int64_t *offset_us)
{
    int hours, minutes;
    *offset_us = 0;
    if (text->n == 0 || cut_char(text, 'Z'))
        return true;
    int sign = text->p[0] == '-' ? -1 : 1;
    if (!cut_char(text, '+') && !cut_char(text, '-'))
        return false;
    if (!cut_number(text, 2, &hours) || !cut_char(text, ':') || !cut_number(text, 2, &minutes))
        return false;
    *offset_us = sign * (hours * 60 + minutes) * 60 * second_us;
    return hours <= 14 && minutes < 60;
}

/* Behind the day. */
static bool read_time(struct auth_view text, struct mock_interval *interval)
{
    int hour, minute, second = 0;
    int64_t fraction = 0, step = 60 * second_us, offset;
    if (!cut_number(&text, 2, &hour) || !cut_char(&text, ':') || !cut_number(&text, 2, &minute))
        return false;
    if (cut_char(&text, ':')) {
        step = second_us;
        if (!cut_number(&text, 2, &second) || !cut_fraction(&text, &fraction, &step))
            return false;
    }
    if (!cut_zone(&text, &offset) || text.n || hour > 23 || minute > 59 || second > 60)
        return false;
    interval->start += ((hour * 60 + minute) * 60 + second) * second_us + fraction - offset;
    interval->end = interval->start + step;
    return true;
}

bool mock_date_read(struct auth_view text, struct mock_interval *interval)
{
    int year, month, day;
    if (!cut_number(&text, 4, &year) || year == 0)
        return false;
    if (text.n == 0) {
        *interval = (struct mock_interval){day_number(year, 1) * day_us, day_number(year + 1, 1) * day_us};
        return true;
    }
    if (!cut_char(&text, '-') || !cut_number(&text, 2, &month) || month < 1 || month > 12)
        return false;
    if (text.n == 0) {
        *interval = (struct mock_interval){day_number(year, month) * day_us, day_number(year, month + 1) * day_us};
        return true;
    }
    if (!cut_char(&text, '-') || !cut_number(&text, 2, &day) || day < 1 || day > days_of(year, month))
        return false;
    interval->start = (day_number(year, month) + day - 1) * day_us;
    interval->end = interval->start + day_us;
    return text.n == 0 || (cut_char(&text, 'T') && read_time(text, interval));
}

/* Widened by a tenth of how far it is from now. */
static struct mock_interval widen(struct mock_interval wanted, int64_t now_us)
{
    int64_t tenth = (now_us > wanted.start ? now_us - wanted.start : wanted.start - now_us) / 10;
    return (struct mock_interval){wanted.start - tenth, wanted.end + tenth};
}

bool mock_date_matches(enum mock_prefix prefix, struct mock_interval wanted, struct mock_interval there, int64_t now_us)
{
    bool is_within = wanted.start <= there.start && there.end <= wanted.end;
    switch (prefix) {
    case MOCK_EQ:
        return is_within;
    case MOCK_NE:
        return !is_within;
    case MOCK_GT:
        return there.end > wanted.end;
    case MOCK_LT:
        return there.start < wanted.start;
    case MOCK_GE:
        return is_within || there.end > wanted.end;
    case MOCK_LE:
        return is_within || there.start < wanted.start;
    case MOCK_SA:
        return there.start >= wanted.end;
    case MOCK_EB:
        return there.end <= wanted.start;
    case MOCK_AP:
        wanted = widen(wanted, now_us);
        return there.start < wanted.end && wanted.start < there.end;
    }
    return false;
}

/* ---- tokens ---- */

struct mock_token mock_token_read(struct auth_view value)
{
    size_t bar = 0;
    while (bar < value.n && value.p[bar] != '|')
        bar += value.p[bar] == '\\' && bar + 1 < value.n ? 2 : 1;
    if (bar >= value.n)
        return (struct mock_token){.code = value, .has_code = true};
    struct auth_view code = auth_view_from(value, bar + 1);
    return (struct mock_token){
        .system = auth_view_bytes(value.p, bar), .code = code, .has_system = true, .has_code = code.n > 0};
}

/* ---- references ---- */

static size_t last_slash(struct auth_view text)
{
    size_t at = text.n;
    while (at > 0 && text.p[at - 1] != '/')
        at--;
    return at; /* behind it; 0: none */
}

struct mock_reference mock_reference_read(struct auth_view value)
{
    struct mock_reference reference = {.id = value};
    bool may_have_version = value.n && memchr(value.p, '_', value.n); /* mostly not, and that is soon seen */
    size_t version = may_have_version ? auth_view_find_text(value, "/_history/") : value.n;
    value = auth_view_bytes(value.p, version);
    size_t at = last_slash(value);
    if (at == 0) {
        reference.id = value;
        return reference;
    }
    reference.id = auth_view_from(value, at);
    value = auth_view_bytes(value.p, at - 1);
    at = last_slash(value);
    reference.type = auth_view_from(value, at);
    reference.base = auth_view_bytes(value.p, at ? at - 1 : 0);
    return reference;
}
