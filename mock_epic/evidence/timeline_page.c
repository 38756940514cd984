/* The picture as a page: verdict, lanes, and a row for whatever happened. */
#include "mock_epic/evidence/timeline.h"

#include <string.h>

#include "auth/core/time.h"
#include "auth/core/version.h"
#include "mock_epic/evidence/timeline_picture.h"
#include "mock_epic/evidence/timeline_rows.h"
#include "mock_epic/http/page.h"
#include "mock_epic/state/tokens.h"

enum { SHOWN_MAX = 1000, LINE_MAX_N = 8192 };

static const char style[] =
    ":root{--ok:#1b7f4b;--bad:#b3261e;--warn:#8a5a00;--bar:#2b7bb9;--soft:#eef2f6;--line:#8a97a5}\n"
    "@media(prefers-color-scheme:dark){:root{--ok:#5fd397;--bad:#ff8a80;--warn:#f2bd5c;--bar:#4a9edb;--soft:#1e262e;--line:#6b7885}}\n"
    ".verdict{display:inline-block;font-weight:700;padding:.3rem .9rem;border:2px solid;border-radius:.4rem}\n"
    ".pass{color:var(--ok)}.fail{color:var(--bad)}.not_exercised{color:var(--warn)}\n"
    "figure{margin:1rem 0}figcaption{font-size:.85rem}.wide{overflow-x:auto}\n"
    "svg{display:block;width:100%;min-width:40rem;font:13px system-ui,sans-serif}svg text{fill:currentColor}\n"
    "svg .time{font-size:11px}.tick{stroke:var(--line);stroke-width:.5;stroke-dasharray:2 4}\n"
    ".ok{fill:var(--ok)}.new{fill:var(--ok);stroke:currentColor}path.bad{stroke:var(--bad);stroke-width:3;fill:none}\n"
    ".fault{fill:var(--bad)}.clock{fill:var(--warn)}.admin{fill:none;stroke:var(--warn);stroke-width:1.5}\n"
    ".told{fill:none;stroke:var(--line);stroke-dasharray:3 2}.life{fill:var(--bar)}.end{stroke:currentColor;stroke-width:2}\n"
    ".shown{fill:var(--warn);opacity:.25}\n"
    "p time{white-space:nowrap}td.n{white-space:nowrap;font-variant-numeric:tabular-nums}tr.bad td:nth-child(3)::before{content:\"\\2717\\a0\";color:var(--bad);font-weight:700}\n"
    "tr.end td{font-style:italic;background:var(--soft)}td{overflow-wrap:anywhere}.why{font-size:.85rem}\n"
    "tr:target td{outline:2px solid var(--warn);outline-offset:-2px}\n"
    "@media(max-width:40rem){.real{display:none}td,th{padding-right:.4rem;font-size:.85rem}}\n"
    "@media print{:root{--ok:#1b7f4b;--bad:#b3261e;--warn:#8a5a00;--bar:#2b7bb9;--soft:#eef2f6;--line:#8a97a5}body{max-width:none;margin:0;font-size:10pt;color:#000;background:#fff}svg{min-width:0}a{color:inherit;text-decoration:none}"
    "tr,figure{break-inside:avoid}thead{display:table-header-group}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

/* ---- the verdict ---- */

struct shown {
    uint64_t ids[SHOWN_MAX];
    size_t count;
};

static void write_entries(const struct auth_json_node *ids, struct shown *shown, struct auth_buf *out)
{
    int64_t id;
    for (const struct auth_json_node *node = auth_json_first(ids); node; node = auth_json_next(node)) {
        if (!auth_json_int(node, &id))
            continue;
        auth_buf_addf(out, "<a href=\"#e%lld\">#%lld</a> ", (long long)id, (long long)id);
        if (shown->count < SHOWN_MAX)
            shown->ids[shown->count++] = (uint64_t)id;
    }
}

static const char *class_of(struct auth_view result)
{
    return auth_view_equals(result, "pass") ? "pass" : auth_view_equals(result, "fail") ? "fail" : "not_exercised";
}

static const char *mark_of(struct auth_view result)
{
    return auth_view_equals(result, "pass")   ? "&#10003; passed"
           : auth_view_equals(result, "fail") ? "&#10007; failed"
                                              : "&#8211; not exercised";
}

static void write_result(const struct auth_json_node *result, struct shown *shown, struct auth_buf *out)
{
    struct auth_view state = auth_json_member_string(result, "result");
    struct auth_view because = auth_json_member_string(result, "because");
    auth_buf_addf(out, "<tr><td class=\"n %s\">%s</td><td>", class_of(state), mark_of(state));
    mock_page_text(out, because.n ? because : auth_json_member_string(result, "expected"));
    auth_buf_add_string(out, "</td><td>");
    mock_page_text(out, auth_json_member_string(result, "right"));
    auth_buf_add_string(out, "</td><td>");
    write_entries(auth_json_member(result, "entries"), shown, out);
    auth_buf_add_string(out, "</td></tr>\n");
}

static void write_verdict(struct auth_view json, struct shown *shown, struct auth_buf *out)
{
    struct auth_json *doc = NULL;
    if (auth_json_parse(auth_view_trim(json), &doc, NULL) != AUTH_OK)
        return;
    const struct auth_json_node *root = auth_json_root(doc), *results = auth_json_member(root, "results");
    struct auth_view verdict = auth_json_member_string(root, "verdict");
    struct auth_view scenario = auth_json_member_string(root, "scenario");
    if (scenario.n || auth_json_first(results)) {
        auth_buf_addf(out, "<p class=\"verdict %s\">%s", class_of(verdict), mark_of(verdict));
        auth_buf_add_string(out, scenario.n ? ": " : "");
        mock_page_text(out, scenario);
        auth_buf_add_string(out, "</p>\n");
    }
    if (auth_json_first(results)) {
        auth_buf_add_string(out,
                            "<h2>What must have happened</h2>\n<table>\n<thead><tr><th scope=col>result<th scope=col>"
                            "because<th scope=col>a right client<th scope=col>entries</tr></thead>\n");
        for (const struct auth_json_node *node = auth_json_first(results); node; node = auth_json_next(node))
            write_result(node, shown, out);
        auth_buf_add_string(out, "</table>\n");
    }
    auth_json_free(doc);
}

/* ---- the rows ---- */

static void add_time(int64_t time_us, struct auth_buf *out)
{
    auth_buf_add_string(out, "<time>");
    auth_time_write(out, time_us / 1000000);
    auth_buf_add_string(out, "</time>");
}

static void write_event(const struct mock_timeline_event *event, int64_t begun_us, struct auth_buf *out)
{
    struct auth_buf what;
    auth_buf_init(&what, LINE_MAX_N);
    mock_timeline_describe(event, &what);
    auth_buf_addf(out, "<tr id=\"e%llu\"%s><td class=n>#%llu</td><td class=n>", (unsigned long long)event->id,
                  mock_timeline_is_bad(event) ? " class=bad" : "", (unsigned long long)event->id);
    mock_timeline_clock_text(event->time_us, out);
    auth_buf_add_string(out, "</td><td><code>");
    mock_page_text(out, auth_buf_view(&what));
    auth_buf_add_string(out, "</code>");
    struct auth_view why = mock_timeline_reason(event);
    if (why.n) {
        auth_buf_add_string(out, "<div class=why>");
        mock_page_text(out, why);
        auth_buf_add_string(out, "</div>");
    }
    auth_buf_addf(out, "</td><td class=\"n real\">+%.3f s</td></tr>\n", (double)(event->real_us - begun_us) / 1e6);
    auth_buf_clear(&what);
}

static void write_end(const struct mock_timeline_rows *rows, const struct mock_timeline_row *row, struct auth_buf *out)
{
    char number[MOCK_TOKEN_NUMBER_N];
    auth_buf_add_string(out, "<tr class=end><td></td><td class=n>");
    mock_timeline_clock_text(row->time_us, out);
    auth_buf_addf(out, "</td><td>%s %s</td><td class=real></td></tr>\n",
                  mock_token_number_text(rows->tokens[row->token].number, number),
                  row->kind == MOCK_ROW_EXPIRES ? "expires" : "is over by what its client was told");
}

static void write_rows(const struct mock_timeline_rows *rows, int64_t begun_us, struct auth_buf *out)
{
    auth_buf_add_string(out,
                        "<h2>Entries</h2>\n<table>\n<thead><tr><th scope=col>id<th scope=col>server time<th scope=col>"
                        "what<th scope=col class=real>real time</tr></thead>\n");
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].event)
            write_event(rows->rows[i].event, begun_us, out);
        else
            write_end(rows, &rows->rows[i], out);
    }
    auth_buf_add_string(out, "</table>\n");
}

static void write_tokens(const struct mock_timeline_rows *rows, struct auth_buf *out)
{
    char number[MOCK_TOKEN_NUMBER_N];
    auth_buf_add_string(out,
                        "<h2>Tokens</h2>\n<table>\n<thead><tr><th scope=col>token<th scope=col>client<th scope=col>"
                        "really until<th scope=col>told until<th scope=col>in the end</tr></thead>\n");
    for (size_t i = 0; i < rows->token_count; i++) {
        const struct mock_timeline_token *token = &rows->tokens[i];
        auth_buf_addf(out, "<tr><td class=n>%s</td><td>", mock_token_number_text(token->number, number));
        mock_page_text(out, token->client_id);
        auth_buf_add_string(out, "</td><td>");
        add_time(token->dies_us, out);
        auth_buf_add_string(out, "</td><td>");
        add_time(token->told_us, out);
        auth_buf_addf(out, "</td><td class=n>%s</td></tr>\n",
                      token->is_revoked           ? "revoked"
                      : token->end != MOCK_NO_ROW ? "expired"
                                                  : "alive");
    }
    auth_buf_add_string(out, "</table>\n");
}

/* ---- the whole ---- */

static void write_head(const struct mock_timeline *timeline, const struct mock_timeline_about *about,
                       const struct mock_timeline_event *first, struct auth_buf *out)
{
    auth_buf_add_string(out, "<p>mock-epic " AUTH_VERSION ", instance <b>");
    mock_page_text(out, auth_view_from_string(about->instance ? about->instance : "(main)"));
    auth_buf_add_string(out, "</b>, profile ");
    mock_page_text(out, auth_view_from_string(about->profile));
    if (about->has_seed)
        auth_buf_addf(out, ", seed %lld", (long long)about->seed);
    auth_buf_addf(out, "; %zu entries", timeline->count);
    if (timeline->left_out)
        auth_buf_addf(out, ", and %llu before them that are not shown", (unsigned long long)timeline->left_out);
    if (first) {
        auth_buf_add_string(out, "; from ");
        add_time(first->time_us, out);
        auth_buf_add_string(out, " by the server&#39;s clock, ");
        add_time(first->real_us, out);
        auth_buf_add_string(out, " in real time");
    }
    auth_buf_add_string(out, ". Not affiliated with Epic.</p>\n");
}

void mock_timeline_write_page(struct mock_timeline *timeline, const struct mock_timeline_about *about,
                              struct auth_buf *out)
{
    struct mock_timeline_rows rows;
    struct shown shown = {.count = 0};
    pthread_mutex_lock(&timeline->lock);
    const struct mock_timeline_event *first = timeline->count ? timeline->ring[timeline->first] : NULL;
    mock_page_begin(out, "What happened", style);
    write_verdict(about->verdict, &shown, out);
    write_head(timeline, about, first, out);
    if (mock_timeline_rows_make(timeline, &rows) == AUTH_OK) {
        mock_timeline_write_picture(&rows, shown.ids, shown.count, out);
        if (rows.token_count)
            write_tokens(&rows, out);
        write_rows(&rows, first ? first->real_us : 0, out);
        mock_timeline_rows_clear(&rows);
    } else {
        out->is_spoiled = true;
    }
    mock_page_end(out);
    pthread_mutex_unlock(&timeline->lock);
}
