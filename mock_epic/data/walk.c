/* Paths walked in the text of a resource, and what is found at their ends read by kind. */
#include "mock_epic/data/walk.h"

#include <string.h>

#include "mock_epic/data/raw.h"

/* ---- paths ---- */

static struct auth_view cut_behind(struct auth_view *path, char mark)
{
    size_t at = auth_view_find(*path, mark);
    if (at == path->n)
        return auth_view_from_string("");
    struct auth_view behind = auth_view_from(*path, at + 1);
    *path = auth_view_bytes(path->p, at);
    return behind;
}

bool mock_path_next(struct auth_view *paths, struct mock_path *path)
{
    if (!paths->n)
        return false;
    path->steps = auth_view_split(paths, ' ');
    path->of_type = cut_behind(&path->steps, '>');
    path->of_kind = cut_behind(&path->steps, '@');
    return true;
}

static bool walk_items(struct auth_view array, struct auth_view steps, bool (*at)(void *ctx, struct auth_view value),
                       void *ctx)
{
    struct auth_view item;
    size_t cursor = 0;
    while (auth_json_raw_next(array, &cursor, &item)) {
        if (mock_walk(item, steps, at, ctx))
            return true;
    }
    return false;
}

bool mock_walk(struct auth_view value, struct auth_view steps, bool (*at)(void *ctx, struct auth_view value), void *ctx)
{
    char name[64];
    if (value.n && value.p[0] == '[')
        return walk_items(value, steps, at, ctx);
    if (!steps.n)
        return at(ctx, value);
    struct auth_view step = auth_view_split(&steps, '.');
    if (step.n >= sizeof name)
        return false;
    memcpy(name, step.p, step.n);
    name[step.n] = '\0';
    struct auth_view member = mock_raw_member(value, name);
    return member.n && mock_walk(member, steps, at, ctx);
}

/* ---- texts ---- */

struct texts {
    bool (*at)(void *ctx, struct auth_view folded, struct auth_view written);
    void *ctx;
};

static bool is_text_member(struct auth_view name)
{
    return !auth_view_equals(name, "use") && !auth_view_equals(name, "period") && !auth_view_equals(name, "extension");
}

static bool at_text(void *ctx, struct auth_view value)
{
    const struct texts *texts = ctx;
    char text[MOCK_TEXT_MAX], folded[2 * MOCK_TEXT_MAX + 1];
    struct auth_view written, name, member;
    size_t cursor = 0;
    if (mock_raw_string(value, &written)) {
        size_t n = mock_fold(mock_raw_text(written, text, sizeof text), folded);
        return texts->at(texts->ctx, auth_view_bytes(folded, n), written);
    }
    while (auth_json_raw_next_member(value, &cursor, &name, &member)) {
        if (is_text_member(name) && mock_walk(member, auth_view_from_string(""), at_text, ctx))
            return true;
    }
    return false;
}

bool mock_walk_texts(struct auth_view value, bool (*at)(void *ctx, struct auth_view folded, struct auth_view written),
                     void *ctx)
{
    struct texts texts = {at, ctx};
    return at_text(&texts, value);
}

/* ---- dates ---- */

static bool read_point(struct auth_view value, struct mock_interval *interval)
{
    char text[64];
    struct auth_view written;
    return mock_raw_string(value, &written) && mock_date_read(mock_raw_text(written, text, sizeof text), interval);
}

static bool read_period(struct auth_view period, struct mock_interval *interval)
{
    struct mock_interval bound;
    struct auth_view start = mock_raw_member(period, "start"), end = mock_raw_member(period, "end");
    *interval = (struct mock_interval){INT64_MIN, INT64_MAX};
    if (start.n && read_point(start, &bound))
        interval->start = bound.start;
    if (end.n && read_point(end, &bound))
        interval->end = bound.end;
    return start.n || end.n;
}

static bool read_timing(struct auth_view timing, struct mock_interval *interval)
{
    struct auth_view event, events = mock_raw_member(timing, "event");
    struct mock_interval one;
    size_t cursor = 0;
    *interval = (struct mock_interval){INT64_MAX, INT64_MIN};
    while (auth_json_raw_next(events, &cursor, &event)) {
        if (!read_point(event, &one))
            continue;
        interval->start = one.start < interval->start ? one.start : interval->start;
        interval->end = one.end > interval->end ? one.end : interval->end;
    }
    if (interval->start < interval->end)
        return true;
    return read_period(mock_raw_member(mock_raw_member(timing, "repeat"), "boundsPeriod"), interval);
}

bool mock_read_date(struct auth_view value, struct mock_interval *interval)
{
    if (read_point(value, interval))
        return true;
    return value.n && value.p[0] == '{' && (read_period(value, interval) || read_timing(value, interval));
}

/* ---- references ---- */

bool mock_read_reference(struct auth_view value, char text[MOCK_REFERENCE_MAX], struct mock_reference *reference)
{
    struct auth_view written;
    if (value.n && value.p[0] == '{')
        value = mock_raw_member(value, "reference");
    if (!mock_raw_string(value, &written))
        return false;
    *reference = mock_reference_read(mock_raw_text(written, text, MOCK_REFERENCE_MAX));
    return true;
}
