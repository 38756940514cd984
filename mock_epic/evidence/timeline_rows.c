/* From events to rows, in one pass. */
#include "mock_epic/evidence/timeline_rows.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/buf.h"
#include "mock_epic/state/tokens.h"

static const struct mock_timeline_event *event_at(const struct mock_timeline *timeline, size_t i)
{
    return timeline->ring[(timeline->first + i) % timeline->size];
}

static enum auth_rc add_row(struct mock_timeline_rows *r, struct mock_timeline_row row)
{
    struct mock_timeline_row *grown = auth_array_fit(r->rows, r->count, &r->size, sizeof *grown);
    if (!grown)
        return AUTH_E_NOMEM;
    r->rows = grown;
    r->rows[r->count++] = row;
    return AUTH_OK;
}

/* ---- tokens ---- */

static bool is_over(const struct mock_timeline_token *token)
{
    return token->end != MOCK_NO_ROW && token->told_end != MOCK_NO_ROW;
}

/* A column that nobody needs any more; of those whose token is only thought to live, the oldest. */
static int free_column(struct mock_timeline_rows *r)
{
    struct mock_timeline_token *in[MOCK_TIMELINE_COLUMNS] = {NULL}, *dead = NULL;
    for (size_t i = r->token_count; i > r->oldest; i--) {
        struct mock_timeline_token *token = &r->tokens[i - 1];
        if (token->column < 0 || in[token->column])
            continue;
        in[token->column] = token;
    }
    for (int column = 0; column < MOCK_TIMELINE_COLUMNS; column++) {
        if (!in[column] || is_over(in[column]))
            return column;
        if (in[column]->end != MOCK_NO_ROW && (!dead || in[column]->first < dead->first))
            dead = in[column];
    }
    if (!dead)
        return -1;
    dead->told_end = (int)r->count;
    return dead->column;
}

static int64_t later_us(int64_t time_us, int64_t by_s)
{
    static const int64_t far_s = INT64_MAX / 4000000;
    int64_t bounded_s = by_s > far_s ? far_s : by_s < -far_s ? -far_s : by_s;
    return time_us + bounded_s * 1000000;
}

/* From this row on, in a column of its own. */
static enum auth_rc begin_token(struct mock_timeline_rows *r, struct mock_timeline_token token)
{
    struct mock_timeline_token *grown = auth_array_fit(r->tokens, r->token_count, &r->token_size, sizeof *grown);
    if (!grown)
        return AUTH_E_NOMEM;
    r->tokens = grown;
    token.column = free_column(r);
    token.first = (int)r->count;
    r->tokens[r->token_count++] = token;
    return AUTH_OK;
}

static enum auth_rc add_token(struct mock_timeline_rows *r, const struct mock_timeline_event *event)
{
    const struct mock_timeline_token token = {
        .number = event->token,
        .client_id = event->client_id,
        .dies_us = later_us(event->time_us / 1000000 * 1000000, event->lifetime_s),
        .told_us = later_us(event->time_us, event->told_s),
        .end = MOCK_NO_ROW,
        .told_end = MOCK_NO_ROW,
    };
    return begin_token(r, token);
}

/* The next end before that time: which token, and which end; of those that are due the earliest. */
static struct mock_timeline_token *next_end(struct mock_timeline_rows *r, int64_t until_us, bool *is_told)
{
    struct mock_timeline_token *next = NULL;
    int64_t least_us = until_us;
    for (size_t i = r->oldest; i < r->token_count; i++) {
        struct mock_timeline_token *token = &r->tokens[i];
        if (token->end == MOCK_NO_ROW && token->dies_us <= least_us && (!next || token->dies_us < least_us)) {
            next = token;
            least_us = token->dies_us;
            *is_told = false;
        }
        if (token->told_end == MOCK_NO_ROW && token->told_us <= least_us && (!next || token->told_us < least_us)) {
            next = token;
            least_us = token->told_us;
            *is_told = true;
        }
    }
    return next;
}

/* Rows for all ends until then. An end that was told and came true is one row. */
static enum auth_rc add_ends(struct mock_timeline_rows *r, int64_t until_us)
{
    enum auth_rc rc = AUTH_OK;
    bool is_told = false;
    for (struct mock_timeline_token *token; rc == AUTH_OK && (token = next_end(r, until_us, &is_told)) != NULL;) {
        bool is_same = token->told_us - token->dies_us < 1000000 && token->dies_us - token->told_us < 1000000;
        struct mock_timeline_row row = {.kind = is_told ? MOCK_ROW_TOLD_END : MOCK_ROW_EXPIRES,
                                        .token = (size_t)(token - r->tokens),
                                        .time_us = is_told ? token->told_us : token->dies_us};
        if (row.time_us < r->now_us) /* what was aged has died when it was */
            row.time_us = r->now_us;
        if (!is_told)
            token->end = (int)r->count;
        if (is_told || is_same)
            token->told_end = (int)r->count;
        bool is_news =
            !is_told || token->end == MOCK_NO_ROW; /* of a dead token nobody waits for the end that was told */
        rc = is_news ? add_row(r, row) : AUTH_OK;
    }
    while (r->oldest < r->token_count && is_over(&r->tokens[r->oldest]))
        r->oldest++;
    return rc;
}

static bool is_meant(const struct mock_timeline_token *token, const struct mock_timeline_event *event)
{
    return (!event->token || event->token == token->number) &&
           (!event->client_id.n || auth_view_equals_view(event->client_id, token->client_id));
}

/* What an admin call did to the tokens of the picture. A restored snapshot ends those that were issued after it. */
static void change_tokens(struct mock_timeline_rows *r, const struct mock_timeline_event *event)
{
    for (size_t i = r->oldest; i < r->token_count; i++) {
        struct mock_timeline_token *token = &r->tokens[i];
        bool is_gone = (event->change == MOCK_CHANGE_REVOKED && is_meant(token, event)) ||
                       (event->change == MOCK_CHANGE_RESTORED && token->number > event->token);
        if (token->end != MOCK_NO_ROW)
            continue;
        if (event->change == MOCK_CHANGE_AGED && is_meant(token, event))
            token->dies_us = later_us(token->dies_us, -event->by_s);
        if (is_gone) {
            token->end = (int)r->count;
            token->is_revoked = true;
        }
    }
}

/* ---- snapshots ---- */

/* "snapshot NAME taken", "snapshot NAME brought back" */
static struct auth_view snapshot_name(const struct mock_timeline_event *event)
{
    struct auth_view rest = event->note;
    (void)auth_view_split(&rest, ' ');
    return auth_view_split(&rest, ' ');
}

static struct mock_timeline_save *find_save(const struct mock_timeline_rows *r, struct auth_view name)
{
    for (size_t i = 0; i < r->save_count; i++) {
        if (auth_view_equals_view(r->saves[i].name, name))
            return &r->saves[i];
    }
    return NULL;
}

/* In the place of the one of that name, or of the oldest when there are too many. */
static struct mock_timeline_save *make_save(struct mock_timeline_rows *r, struct auth_view name)
{
    if (!r->saves)
        r->saves = calloc(MOCK_TIMELINE_SAVES_MAX, sizeof *r->saves);
    if (!r->saves)
        return NULL;
    struct mock_timeline_save *save = find_save(r, name);
    if (!save && r->save_count < MOCK_TIMELINE_SAVES_MAX)
        save = &r->saves[r->save_count++];
    else if (!save)
        save = &r->saves[0];
    free(save->tokens);
    struct mock_timeline_save *last = &r->saves[r->save_count - 1];
    memmove(save, save + 1, (size_t)(last - save) * sizeof *save);
    *last = (struct mock_timeline_save){.name = name};
    return last;
}

static enum auth_rc save_tokens(struct mock_timeline_rows *r, struct auth_view name)
{
    size_t living = r->token_count - r->oldest;
    struct mock_timeline_save *save = make_save(r, name);
    if (!save)
        return AUTH_E_NOMEM;
    save->tokens = calloc(living ? living : 1, sizeof *save->tokens);
    for (size_t i = r->oldest; save->tokens && i < r->token_count; i++) {
        if (r->tokens[i].end == MOCK_NO_ROW)
            save->tokens[save->count++] = r->tokens[i];
    }
    return save->tokens ? AUTH_OK : AUTH_E_NOMEM;
}

/* Tokens that live still are as old again as they were then; those that have died since begin to live once more. */
static enum auth_rc restore_tokens(struct mock_timeline_rows *r, struct auth_view name)
{
    const struct mock_timeline_save *save = find_save(r, name);
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; save && i < save->count && rc == AUTH_OK; i++) {
        const struct mock_timeline_token *then = &save->tokens[i];
        size_t at = r->token_count;
        while (at > r->oldest && r->tokens[at - 1].number != then->number)
            at--;
        if (at > r->oldest && r->tokens[at - 1].end == MOCK_NO_ROW)
            r->tokens[at - 1].dies_us = then->dies_us;
        else
            rc = begin_token(r, *then);
    }
    return rc;
}

static enum auth_rc add_event(struct mock_timeline_rows *r, const struct mock_timeline_event *event)
{
    enum auth_rc rc = add_ends(r, event->time_us);
    if (rc == AUTH_OK && event->is_issued && event->token)
        rc = add_token(r, event);
    change_tokens(r, event);
    if (rc == AUTH_OK && event->change == MOCK_CHANGE_SAVED)
        rc = save_tokens(r, snapshot_name(event));
    if (rc == AUTH_OK && event->change == MOCK_CHANGE_RESTORED)
        rc = restore_tokens(r, snapshot_name(event));
    r->now_us = event->time_us;
    struct mock_timeline_row row = {.kind = MOCK_ROW_EVENT, .event = event, .time_us = event->time_us};
    if (rc == AUTH_OK)
        rc = add_row(r, row);
    return rc == AUTH_OK && event->change == MOCK_CHANGE_AGED ? add_ends(r, event->time_us) : rc;
}

enum auth_rc mock_timeline_rows_make(const struct mock_timeline *timeline, struct mock_timeline_rows *out)
{
    enum auth_rc rc = AUTH_OK;
    *out = (struct mock_timeline_rows){.count = 0};
    for (size_t i = 0; i < timeline->count && rc == AUTH_OK; i++)
        rc = add_event(out, event_at(timeline, i));
    if (rc != AUTH_OK)
        mock_timeline_rows_clear(out);
    return rc;
}

void mock_timeline_rows_clear(struct mock_timeline_rows *rows)
{
    for (size_t i = 0; i < rows->save_count; i++)
        free(rows->saves[i].tokens);
    free(rows->saves);
    free(rows->rows);
    free(rows->tokens);
    *rows = (struct mock_timeline_rows){.count = 0};
}

char mock_timeline_token_state(const struct mock_timeline_token *token, int row)
{
    bool is_dead = token->end != MOCK_NO_ROW && row >= token->end;
    bool is_told_over = token->told_end != MOCK_NO_ROW && row >= token->told_end;
    if (row < token->first || (is_dead && is_told_over))
        return '.';
    return is_dead ? ':' : is_told_over ? '!' : '|';
}

/* ---- words ---- */

/* What stands behind a FHIR base, and else the path. */
static struct auth_view short_target(struct auth_view target)
{
    size_t at = auth_view_find_text(target, "/api/FHIR/R4/");
    return at < target.n ? auth_view_from(target, at + sizeof "/api/FHIR/R4/" - 1) : target;
}

static void describe_change(const struct mock_timeline_event *event, struct auth_buf *out)
{
    char number[MOCK_TOKEN_NUMBER_N];
    const char *whose = event->token ? mock_token_number_text(event->token, number) : "tokens";
    long long by_s = (long long)event->by_s;
    if (event->change == MOCK_CHANGE_CLOCK)
        auth_buf_addf(out, "the clock moves by %+lld s", by_s);
    else if (event->change == MOCK_CHANGE_AGED)
        auth_buf_addf(out, "%s become %lld s older", whose, by_s);
    else if (event->change == MOCK_CHANGE_REVOKED)
        auth_buf_addf(out, "%s revoked", whose);
    if (event->client_id.n) {
        auth_buf_add_string(out, " of ");
        auth_buf_add_view(out, event->client_id);
    }
}

static bool has_words(enum mock_journal_change change)
{
    return change == MOCK_CHANGE_CLOCK || change == MOCK_CHANGE_AGED || change == MOCK_CHANGE_REVOKED;
}

static void describe_token(const struct mock_timeline_event *event, struct auth_buf *out)
{
    auth_buf_add_string(out, "token");
    if (event->is_issued)
        auth_buf_addf(out, " for %lld s", (long long)event->lifetime_s);
    if (event->is_issued && event->told_s != event->lifetime_s)
        auth_buf_addf(out, " (told %lld s)", (long long)event->told_s);
    if (event->error.n) {
        auth_buf_add_char(out, ' ');
        auth_buf_add_view(out, event->error);
    }
    if (event->client_id.n) {
        auth_buf_add_string(out, event->is_issued ? " to " : " for ");
        auth_buf_add_view(out, event->client_id);
    }
}

/* What decides comes first, for the rest may be cut. */
static void describe_request(const struct mock_timeline_event *event, struct auth_buf *out)
{
    char number[MOCK_TOKEN_NUMBER_N];
    auth_buf_addf(out, "%d ", event->status);
    if (event->fault)
        auth_buf_addf(out, "by fault %llu ", (unsigned long long)event->fault);
    if (event->step)
        auth_buf_addf(out, "by step %u ", event->step);
    if (event->token)
        auth_buf_addf(out, "%s ", mock_token_number_text(event->token, number));
    if (event->kind == MOCK_JOURNAL_TOKEN) {
        describe_token(event, out);
        return;
    }
    auth_buf_add_view(out, event->method);
    auth_buf_add_char(out, ' ');
    auth_buf_add_view(out, short_target(event->target));
    if (event->error.n) {
        auth_buf_add_char(out, ' ');
        auth_buf_add_view(out, event->error);
    }
}

void mock_timeline_describe(const struct mock_timeline_event *event, struct auth_buf *out)
{
    if (!has_words(event->change)) {
        describe_request(event, out);
        return;
    }
    describe_change(event, out);
    if (event->step)
        auth_buf_addf(out, ", by step %u", event->step);
}

struct auth_view mock_timeline_reason(const struct mock_timeline_event *event)
{
    return event->reason.n ? event->reason : has_words(event->change) ? auth_view_from_string("") : event->note;
}

bool mock_timeline_is_bad(const struct mock_timeline_event *event)
{
    return event->status >= 400 || event->status == 0;
}

void mock_timeline_clock_text(int64_t time_us, struct auth_buf *out)
{
    int64_t ms = time_us / 1000 % 86400000;
    ms += ms < 0 ? 86400000 : 0;
    auth_buf_addf(out, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60),
                  (int)(ms % 1000));
}
