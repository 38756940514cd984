/* Lanes from left to right: shapes differ as well as colours, for print and for whoever sees no colours. */
#include "mock_epic/evidence/timeline_picture.h"

#include "mock_epic/http/page.h"
#include "mock_epic/state/tokens.h"

enum {
    LEFT = 90,
    RIGHT = 980,
    WIDTH = 1000,
    REQUESTS_Y = 24,
    FAULTS_Y = 50,
    CLOCK_Y = 76,
    TOKENS_Y = 92,
    LANE = 20,
    TOKENS_SHOWN = 40,
    TICKS = 6,
    FOOT = 26
};

static double x_of(const struct mock_timeline_rows *rows, int row)
{
    double steps = rows->count > 1 ? (double)(rows->count - 1) : 1;
    return LEFT + (double)(RIGHT - LEFT) * row / steps;
}

static void label(struct auth_buf *out, int y, const char *text)
{
    auth_buf_addf(out, "<text x=\"0\" y=\"%d\">%s</text>\n", y + 4, text);
}

static void add_title(struct auth_buf *out, const struct mock_timeline_event *event)
{
    struct auth_buf what;
    auth_buf_init(&what, 8192);
    auth_buf_addf(&what, "#%llu ", (unsigned long long)event->id);
    mock_timeline_describe(event, &what);
    auth_buf_add_string(out, "<title>");
    mock_page_text(out, auth_buf_view(&what));
    auth_buf_add_string(out, "</title>");
    auth_buf_clear(&what);
}

/* ---- events ---- */

static void draw_request(const struct mock_timeline_event *event, double x, struct auth_buf *out)
{
    if (mock_timeline_is_bad(event))
        auth_buf_addf(out, "<path class=\"bad\" d=\"M%.1f %dl10 10m0 -10l-10 10\">", x - 5, REQUESTS_Y - 5);
    else if (event->is_issued)
        auth_buf_addf(out, "<circle class=\"new\" cx=\"%.1f\" cy=\"%d\" r=\"5\">", x, REQUESTS_Y);
    else
        auth_buf_addf(out, "<circle class=\"ok\" cx=\"%.1f\" cy=\"%d\" r=\"3\">", x, REQUESTS_Y);
    add_title(out, event);
    auth_buf_add_string(out, mock_timeline_is_bad(event) ? "</path>\n" : "</circle>\n");
}

static void draw_mark(const char *class, int y, const struct mock_timeline_event *event, double x, struct auth_buf *out)
{
    auth_buf_addf(out, "<path class=\"%s\" d=\"M%.1f %dl6 11h-12z\">", class, x, y - 6);
    add_title(out, event);
    auth_buf_add_string(out, "</path>\n");
}

static bool is_shown(uint64_t id, const uint64_t *shown, size_t count)
{
    size_t i = 0;
    while (i < count && shown[i] != id)
        i++;
    return i < count;
}

static void draw_events(const struct mock_timeline_rows *rows, const uint64_t *shown, size_t shown_count, int height,
                        struct auth_buf *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct mock_timeline_event *event = rows->rows[i].event;
        double x = x_of(rows, (int)i);
        if (!event)
            continue;
        if (is_shown(event->id, shown, shown_count))
            auth_buf_addf(out, "<rect class=\"shown\" x=\"%.1f\" y=\"8\" width=\"12\" height=\"%d\"/>\n", x - 6,
                          height - FOOT - 8);
        if (event->kind == MOCK_JOURNAL_ADMIN)
            draw_mark(event->change == MOCK_CHANGE_CLOCK ? "clock" : "admin", CLOCK_Y, event, x, out);
        else
            draw_request(event, x, out);
        if (event->fault)
            draw_mark("fault", FAULTS_Y, event, x, out);
    }
}

/* ---- tokens ---- */

static void draw_bar(const struct mock_timeline_rows *rows, const char *class, int from, int to, int y,
                     struct auth_buf *out)
{
    double left = x_of(rows, from), right = to == MOCK_NO_ROW ? WIDTH : x_of(rows, to);
    auth_buf_addf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"10\">", class, left, y,
                  right - left > 2 ? right - left : 2);
}

static void title_token(const struct mock_timeline_token *token, struct auth_buf *out)
{
    char number[MOCK_TOKEN_NUMBER_N];
    auth_buf_addf(out, "<title>%s of ", mock_token_number_text(token->number, number));
    mock_page_text(out, token->client_id);
    auth_buf_addf(out, ": %s</title></rect>\n",
                  token->is_revoked           ? "revoked"
                  : token->end != MOCK_NO_ROW ? "expired"
                                              : "alive at the end");
}

static void draw_token(const struct mock_timeline_rows *rows, const struct mock_timeline_token *token, int y,
                       struct auth_buf *out)
{
    char number[MOCK_TOKEN_NUMBER_N];
    label(out, y + 5, mock_token_number_text(token->number, number));
    draw_bar(rows, "told", token->first, token->told_end, y, out);
    auth_buf_add_string(out, "</rect>");
    draw_bar(rows, "life", token->first, token->end, y, out);
    title_token(token, out);
    if (token->end != MOCK_NO_ROW)
        auth_buf_addf(out, "<path class=\"end\" d=\"M%.1f %dv14\"/>\n", x_of(rows, token->end), y - 2);
}

/* ---- the whole ---- */

static void draw_ticks(const struct mock_timeline_rows *rows, int height, struct auth_buf *out)
{
    int last = (int)rows->count - 1;
    int ticks = last < TICKS - 1 ? last : TICKS - 1;
    for (int i = 0; i <= ticks; i++) {
        int row = ticks ? (int)((int64_t)last * i / ticks) : 0;
        const char *anchor = i == 0 ? "start" : i == ticks ? "end" : "middle";
        auth_buf_addf(
            out, "<path class=\"tick\" d=\"M%.1f 8V%d\"/><text class=\"time\" text-anchor=\"%s\" x=\"%.1f\" y=\"%d\">",
            x_of(rows, row), height - FOOT, anchor, x_of(rows, row), height - 10);
        mock_timeline_clock_text(rows->rows[row].time_us, out);
        auth_buf_add_string(out, "</text>\n");
    }
}

void mock_timeline_write_picture(const struct mock_timeline_rows *rows, const uint64_t *shown, size_t shown_count,
                                 struct auth_buf *out)
{
    size_t tokens = rows->token_count < TOKENS_SHOWN ? rows->token_count : TOKENS_SHOWN;
    int height = TOKENS_Y + (int)tokens * LANE + FOOT;
    if (!rows->count)
        return;
    auth_buf_addf(
        out,
        "<figure>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"The picture, to be scrolled\">\n"
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Requests, faults, moves of the clock and lives of "
        "tokens; the table below says the same\">\n",
        WIDTH, height);
    draw_ticks(rows, height, out);
    label(out, REQUESTS_Y, "requests");
    label(out, FAULTS_Y, "faults");
    label(out, CLOCK_Y, "admin");
    draw_events(rows, shown, shown_count, height, out);
    for (size_t i = 0; i < tokens; i++)
        draw_token(rows, &rows->tokens[i], TOKENS_Y + (int)i * LANE, out);
    auth_buf_add_string(
        out, "</svg>\n</div>\n<figcaption>From left to right in order, not to scale; times are the server's. "
             "Requests: a dot, a large one where a token was issued, a cross where it was refused. "
             "Triangles: a fault that acted, an admin call (filled: the clock moved). "
             "Tokens: a filled bar while it lived, an outline as long as its client was told");
    if (rows->token_count > tokens)
        auth_buf_addf(out, "; %zu more are in the table alone", rows->token_count - tokens);
    auth_buf_add_string(out, ".</figcaption>\n</figure>\n");
}
