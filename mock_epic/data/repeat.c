/* The template is cut at its holes once; each copy fills them. */
#include "mock_epic/data/repeat.h"

#include <stdlib.h>

#include "auth/core/time.h"

enum hole { HOLE_NONE, HOLE_NUMBER, HOLE_TIME, HOLE_VALUE };

static const struct {
    const char *text;
    enum hole hole;
} holes[] = {{"{n}", HOLE_NUMBER}, {"{time}", HOLE_TIME}, {"\"{value}\"", HOLE_VALUE}};
enum { HOLE_KINDS = sizeof holes / sizeof *holes, PIECES_MAX = 64 };

struct piece {
    struct auth_view text;
    enum hole behind;
};

struct template
{
    struct piece pieces[PIECES_MAX];
    size_t piece_count;
    int64_t count, start_s, step_s;
    int digits;
    bool has_time;
    struct auth_view values;
};

/* ---- reading ---- */

static bool int_member(struct auth_view object, const char *name, int64_t least, int64_t most, int64_t *value)
{
    struct auth_view text;
    return !auth_json_raw_member(object, name, &text) ||
           (auth_view_int(text, value) && *value >= least && *value <= most);
}

static bool read_start(struct auth_view repeat, int64_t *start_s)
{
    struct auth_view text;
    if (!auth_json_raw_member(repeat, "start", &text))
        return true;
    return text.n > 2 && text.p[0] == '"' && auth_time_read(auth_view_bytes(text.p + 1, text.n - 2), start_s);
}

static enum auth_rc read_repeat(struct auth_view repeat, struct template *made, struct auth_err *err)
{
    struct auth_view value;
    size_t cursor = 0;
    if (!int_member(repeat, "count", 1, MOCK_REPEAT_MAX, &made->count) || made->count == 0)
        return auth_err_set(err, AUTH_E_SYNTAX, "repeat: count is a whole number from 1 to %d", MOCK_REPEAT_MAX);
    if (!int_member(repeat, "step_s", -AUTH_TIME_STEP_MAX_S, AUTH_TIME_STEP_MAX_S, &made->step_s))
        return auth_err_set(err, AUTH_E_SYNTAX, "repeat: step_s is a whole number of seconds");
    if (!read_start(repeat, &made->start_s))
        return auth_err_set(err, AUTH_E_SYNTAX, "repeat: start is a time as RFC 3339 writes it");
    made->values = auth_view_from_string("");
    if (auth_json_raw_member(repeat, "values", &made->values) && !auth_json_raw_next(made->values, &cursor, &value))
        return auth_err_set(err, AUTH_E_SYNTAX, "repeat: values is an array of at least one value");
    for (int64_t beyond = made->count - 1; made->digits == 0 || beyond; beyond /= 10)
        made->digits++;
    return AUTH_OK;
}

/* The first hole of a text, or its length. */
static size_t find_hole(struct auth_view text, size_t *kind)
{
    size_t first = text.n;
    for (size_t i = 0; i < HOLE_KINDS; i++) {
        size_t at = auth_view_find_text(text, holes[i].text);
        if (at < first) {
            first = at;
            *kind = i;
        }
    }
    return first;
}

static enum auth_rc cut(struct auth_view text, struct template *made, struct auth_err *err)
{
    for (;;) {
        size_t kind = 0, at = find_hole(text, &kind);
        if (made->piece_count == PIECES_MAX)
            return auth_err_set(err, AUTH_E_SYNTAX, "repeat: more than %d holes in the resource", PIECES_MAX - 1);
        struct piece *piece = &made->pieces[made->piece_count++];
        *piece = (struct piece){auth_view_bytes(text.p, at), at < text.n ? holes[kind].hole : HOLE_NONE};
        if (at == text.n)
            return AUTH_OK;
        made->has_time = made->has_time || piece->behind == HOLE_TIME;
        if (piece->behind == HOLE_VALUE && made->values.n == 0)
            return auth_err_set(err, AUTH_E_SYNTAX, "repeat: the resource has {value}, and there are no values");
        text = auth_view_from(text, at + auth_view_from_string(holes[kind].text).n);
    }
}

/* ---- writing ---- */

enum { DIGITS_MAX = 8 };

/* What stands in the holes of one copy. */
struct filling {
    char digits[DIGITS_MAX];
    struct auth_view number, value;
    struct auth_buf time;
};

static void fill(const struct template *made, int64_t n, struct auth_view value, struct filling *filling)
{
    int64_t left = n;
    for (int i = made->digits; i-- > 0; left /= 10)
        filling->digits[i] = (char)('0' + left % 10);
    filling->number = auth_view_bytes(filling->digits, (size_t)made->digits);
    filling->value = value;
    auth_buf_reset(&filling->time);
    if (made->has_time)
        auth_time_write(&filling->time, auth_time_shift(made->start_s, n * made->step_s));
}

static void write_copy(const struct template *made, const struct filling *filling, struct auth_buf *out)
{
    for (size_t i = 0; i < made->piece_count; i++) {
        auth_buf_add_view(out, made->pieces[i].text);
        switch (made->pieces[i].behind) {
        case HOLE_NUMBER:
            auth_buf_add_view(out, filling->number);
            break;
        case HOLE_TIME:
            auth_buf_add_view(out, auth_buf_view(&filling->time));
            break;
        case HOLE_VALUE:
            auth_buf_add_view(out, filling->value);
            break;
        case HOLE_NONE:
            break;
        }
    }
    auth_buf_add_char(out, '\n');
}

static void write_copies(const struct template *made, struct auth_buf *out)
{
    struct auth_view value = auth_view_from_string("");
    struct filling filling;
    size_t cursor = 0;
    auth_buf_init(&filling.time, SIZE_MAX / 2);
    for (int64_t n = 0; n < made->count && auth_buf_ok(out); n++) {
        if (!auth_json_raw_next(made->values, &cursor, &value)) {
            cursor = 0; /* from the first again; nothing happens where there are no values */
            (void)auth_json_raw_next(made->values, &cursor, &value);
        }
        fill(made, n, value, &filling);
        if (!auth_buf_ok(&filling.time))
            out->is_spoiled = true;
        write_copy(made, &filling, out);
    }
    auth_buf_clear(&filling.time);
}

bool mock_is_repeat(struct auth_view object)
{
    struct auth_view member;
    return auth_json_raw_member(object, "repeat", &member) && !auth_json_raw_member(object, "resourceType", &member);
}

enum auth_rc mock_repeat(struct auth_view object, struct auth_buf *out, struct auth_err *err)
{
    struct template made = {0};
    struct auth_view repeat, resource;
    struct auth_buf minified;
    auth_buf_init(&minified, SIZE_MAX / 2);
    if (!auth_json_raw_member(object, "repeat", &repeat) || !auth_json_raw_member(object, "resource", &resource))
        return auth_err_set(err, AUTH_E_SYNTAX, "repeat: no resource to make copies of");
    auth_json_raw_minify(&minified, resource);
    enum auth_rc rc = read_repeat(repeat, &made, err);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&minified, err);
    if (rc == AUTH_OK)
        rc = cut(auth_buf_view(&minified), &made, err);
    if (rc == AUTH_OK)
        write_copies(&made, out);
    auth_buf_clear(&minified);
    if (rc == AUTH_OK && out->is_full)
        return auth_err_set(err, AUTH_E_TOO_BIG, "repeat: the copies take more than %zu bytes", out->cap);
    return rc == AUTH_OK ? auth_buf_check(out, err) : rc;
}
