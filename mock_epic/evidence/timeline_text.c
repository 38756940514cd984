/* The picture as lines for a terminal. */
#include "mock_epic/evidence/timeline.h"

#include <string.h>

#include "auth/core/time.h"
#include "mock_epic/evidence/timeline_rows.h"
#include "mock_epic/state/tokens.h"

enum { WIDTH = 80, TIME_N = 12, LEFT_N = TIME_N + 2 + MOCK_TIMELINE_COLUMNS + 2, LINE_MAX_N = 8192, REASON_LINES = 3 };

/* Text cut to so many columns; what is not ASCII may be of any width, and is one '?' for each byte. */
static void add_cut(struct auth_buf *out, struct auth_view text, size_t columns)
{
    bool is_cut = text.n > columns;
    size_t n = is_cut ? columns - 3 : text.n;
    for (size_t i = 0; i < n; i++)
        auth_buf_add_char(out, text.p[i] >= ' ' && text.p[i] <= '~' ? text.p[i] : '?');
    auth_buf_add_string(out, is_cut ? "..." : "");
}

/* Words from *text that fit into a line; what is left stays in *text. */
static struct auth_view next_line(struct auth_view *text, size_t columns)
{
    struct auth_view line = *text;
    if (text->n > columns) {
        line.n = columns;
        while (line.n > columns / 2 && text->p[line.n] != ' ')
            line.n--;
    }
    *text = auth_view_trim(auth_view_from(*text, line.n));
    return line;
}

static void add_wrapped(struct auth_buf *out, const char *first, size_t indent, struct auth_view text, size_t lines)
{
    for (size_t i = 0; i < lines && text.n; i++) {
        auth_buf_addf(out, "%*s", (int)indent, i ? "" : first);
        if (i + 1 == lines)
            add_cut(out, text, WIDTH - indent);
        else
            add_cut(out, next_line(&text, WIDTH - indent), WIDTH - indent);
        auth_buf_add_char(out, '\n');
    }
}

/* ---- what is said first ---- */

static void add_entries(struct auth_buf *out, const struct auth_json_node *ids)
{
    int64_t id;
    const char *before = " (entries ";
    for (const struct auth_json_node *node = auth_json_first(ids); node; node = auth_json_next(node)) {
        if (auth_json_int(node, &id))
            auth_buf_addf(out, "%s%lld", before, (long long)id);
        before = ", ";
    }
    auth_buf_add_string(out, before[0] == ',' ? ")" : "");
}

static void write_result(const struct auth_json_node *result, struct auth_buf *out)
{
    struct auth_buf line;
    struct auth_view state = auth_json_member_string(result, "result");
    bool is_fail = auth_view_equals(state, "fail");
    auth_buf_init(&line, LINE_MAX_N);
    auth_buf_add_view(&line, auth_json_member_string(result, "because"));
    if (!line.n)
        auth_buf_add_view(&line, auth_json_member_string(result, "expected"));
    add_entries(&line, auth_json_member(result, "entries"));
    add_wrapped(out,
                is_fail                           ? "FAIL    "
                : auth_view_equals(state, "pass") ? "pass    "
                                                  : "not met ",
                10, auth_buf_view(&line), REASON_LINES);
    if (is_fail)
        add_wrapped(out, "right:  ", 10, auth_json_member_string(result, "right"), REASON_LINES);
    auth_buf_clear(&line);
}

static void write_verdict(struct auth_view verdict, struct auth_buf *out)
{
    struct auth_json *doc = NULL;
    if (auth_json_parse(auth_view_trim(verdict), &doc, NULL) != AUTH_OK)
        return;
    const struct auth_json_node *root = auth_json_root(doc), *results = auth_json_member(root, "results");
    if (auth_json_first(results)) {
        auth_buf_add_string(out, "verdict: ");
        auth_buf_add_view(out, auth_json_member_string(root, "verdict"));
        auth_buf_add_char(out, '\n');
    }
    for (const struct auth_json_node *node = auth_json_first(results); node; node = auth_json_next(node))
        write_result(node, out);
    auth_json_free(doc);
}

static void write_head(const struct mock_timeline *timeline, const struct mock_timeline_about *about,
                       struct auth_buf *out)
{
    auth_buf_addf(out, "mock-epic, instance %s, profile %s", about->instance ? about->instance : "(main)",
                  about->profile);
    if (about->has_seed)
        auth_buf_addf(out, ", seed %lld", (long long)about->seed);
    auth_buf_addf(out, "\n%zu entries", timeline->count);
    if (timeline->left_out)
        auth_buf_addf(out, ", and %llu before them", (unsigned long long)timeline->left_out);
    auth_buf_add_string(out, "; times are the server's\n");
    write_verdict(about->verdict, out);
    auth_buf_add_string(out, "a column is a token: | it lives, : it is dead but its client was told otherwise,\n"
                             "! it lives but its client was told that it is over\n\n");
}

/* ---- rows ---- */

static void add_lanes(const struct mock_timeline_rows *rows, size_t oldest, int row, struct auth_buf *out)
{
    char lanes[MOCK_TIMELINE_COLUMNS + 1] = "........";
    for (size_t i = oldest; i < rows->token_count && rows->tokens[i].first <= row; i++) {
        const struct mock_timeline_token *token = &rows->tokens[i];
        char state = mock_timeline_token_state(token, row);
        if (token->column < 0)
            continue;
        if (state != '.')
            lanes[token->column] = state;
        if (row == token->first)
            lanes[token->column] = 'o';
        else if (row == token->end)
            lanes[token->column] = 'x';
    }
    auth_buf_add_string(out, lanes);
}

static void describe_row(const struct mock_timeline_rows *rows, const struct mock_timeline_row *row,
                         struct auth_buf *out)
{
    char number[MOCK_TOKEN_NUMBER_N];
    if (row->kind == MOCK_ROW_EVENT) {
        auth_buf_addf(out, "#%llu ", (unsigned long long)row->event->id);
        mock_timeline_describe(row->event, out);
        return;
    }
    (void)mock_token_number_text(rows->tokens[row->token].number, number);
    if (row->kind == MOCK_ROW_EXPIRES)
        auth_buf_addf(out, "   %s expires", number);
    else
        auth_buf_addf(out, "   %s is over by what its client was told", number);
}

static void add_date(const struct mock_timeline_row *row, int64_t *day, struct auth_buf *out)
{
    struct auth_buf text;
    int64_t this_day = row->time_us / 86400000000 - (row->time_us < 0);
    if (this_day == *day)
        return;
    *day = this_day;
    auth_buf_init(&text, 64);
    auth_time_write(&text, row->time_us / 1000000);
    auth_buf_add(out, text.p, text.n < 10 ? text.n : 10);
    auth_buf_add_char(out, '\n');
    auth_buf_clear(&text);
}

static void write_row(const struct mock_timeline_rows *rows, size_t oldest, int index, struct auth_buf *out)
{
    const struct mock_timeline_row *row = &rows->rows[index];
    struct auth_buf what;
    auth_buf_init(&what, LINE_MAX_N);
    mock_timeline_clock_text(row->time_us, out);
    auth_buf_add_string(out, "  ");
    add_lanes(rows, oldest, index, out);
    auth_buf_add_string(out, "  ");
    describe_row(rows, row, &what);
    add_cut(out, auth_buf_view(&what), WIDTH - LEFT_N);
    auth_buf_add_char(out, '\n');
    if (row->kind == MOCK_ROW_EVENT)
        add_wrapped(out, "", LEFT_N + 3, mock_timeline_reason(row->event), REASON_LINES);
    auth_buf_clear(&what);
}

static void write_rest(const struct mock_timeline_rows *rows, struct auth_buf *out)
{
    char number[MOCK_TOKEN_NUMBER_N];
    for (size_t i = 0; i < rows->token_count; i++) {
        const struct mock_timeline_token *token = &rows->tokens[i];
        struct auth_buf until;
        if (token->end != MOCK_NO_ROW)
            continue;
        auth_buf_init(&until, 64);
        auth_time_write(&until, token->dies_us / 1000000);
        auth_buf_addf(out, "%s lives until %s\n", mock_token_number_text(token->number, number),
                      until.n ? until.p : "");
        auth_buf_clear(&until);
    }
}

void mock_timeline_write_text(struct mock_timeline *timeline, const struct mock_timeline_about *about,
                              struct auth_buf *out)
{
    struct mock_timeline_rows rows;
    int64_t day = INT64_MIN;
    size_t oldest = 0;
    pthread_mutex_lock(&timeline->lock);
    write_head(timeline, about, out);
    if (mock_timeline_rows_make(timeline, &rows) == AUTH_OK) {
        for (size_t i = 0; i < rows.count; i++) {
            while (oldest < rows.token_count && rows.tokens[oldest].first < (int)i &&
                   mock_timeline_token_state(&rows.tokens[oldest], (int)i - 1) == '.')
                oldest++;
            add_date(&rows.rows[i], &day, out);
            write_row(&rows, oldest, (int)i, out);
        }
        write_rest(&rows, out);
        mock_timeline_rows_clear(&rows);
    } else {
        out->is_spoiled = true;
    }
    pthread_mutex_unlock(&timeline->lock);
}
