/* One allocation for an entry, and its JSON. */
#include "mock_epic/state/journal_entry.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/time.h"
#include "auth/core/url.h"
#include "mock_epic/epic/hints.h"
#include "mock_epic/state/redaction.h"
#include "mock_epic/state/tokens.h"

/* The texts: how much is kept of each, and how it is looked at for secrets. JSON is kept whole or not at all, since a cut half
 * would not parse when it is shown. */
static const struct {
    size_t offset, max;
    enum mock_redaction redaction;
    bool is_json;
} texts[MOCK_JOURNAL_TEXTS] = {
#define TEXT(member, max, redaction, is_json)                                                                          \
    {                                                                                                                  \
        offsetof(struct mock_journal_event, member), max, redaction, is_json                                           \
    }
    [MOCK_JOURNAL_METHOD] = TEXT(method, 16, MOCK_REDACT_VALUE, false),
    [MOCK_JOURNAL_TARGET] = TEXT(target, 512, MOCK_REDACT_VALUE, false),
    [MOCK_JOURNAL_AUTHORITY] = TEXT(authority, 256, MOCK_REDACT_VALUE, false),
    [MOCK_JOURNAL_CLIENT] = TEXT(client_id, 256, MOCK_REDACT_VALUE, false),
    [MOCK_JOURNAL_ERROR] = TEXT(error, 64, MOCK_REDACT_VALUE, false),
    [MOCK_JOURNAL_NOTE] = TEXT(note, 512, MOCK_REDACT_PROSE, false),
    [MOCK_JOURNAL_SEARCH] = TEXT(search, 2048, MOCK_REDACT_PROSE, true),
    [MOCK_JOURNAL_HEADER] = TEXT(jwt_header, 4096, MOCK_REDACT_PROSE, true),
    [MOCK_JOURNAL_CLAIMS] = TEXT(jwt_claims, 4096, MOCK_REDACT_PROSE, true),
#undef TEXT
};
enum { TEXTS_MAX = 16 + 512 + 256 + 256 + 64 + 512 + 2048 + 2 * 4096 };
_Static_assert(sizeof(struct mock_journal_entry) + sizeof(struct auth_report) + TEXTS_MAX <= MOCK_JOURNAL_ENTRY_MAX,
               "the largest entry is bounded");

static const char *const kind_texts[] = {"token", "fhir", "bulk", "jwks", "admin", "other"};

const char *mock_journal_kind_text(enum mock_journal_kind kind)
{
    return kind_texts[kind];
}

int mock_journal_kind_find(struct auth_view name)
{
    for (size_t i = 0; i < sizeof kind_texts / sizeof *kind_texts; i++) {
        if (auth_view_equals(name, kind_texts[i]))
            return (int)i;
    }
    return -1;
}

/* ---- making ---- */

static struct auth_view text_of(const struct mock_journal_event *event, int i)
{
    struct auth_view text;
    memcpy(&text, (const char *)event + texts[i].offset, sizeof text);
    if (texts[i].is_json)
        return text.n <= texts[i].max ? text : auth_view_from_string("");
    return mock_redaction_cut(text, texts[i].max);
}

/* The part of a report that is in use: verdicts and the used head of its text. */
static size_t report_size(const struct auth_report *report)
{
    return report ? offsetof(struct auth_report, text) + report->text_used : 0;
}

void mock_journal_entry_release(struct mock_journal_entry *entry)
{
    if (entry && atomic_fetch_sub(&entry->references, 1) == 1)
        free(entry);
}

/* Memory for an entry of n bytes: the old one's when it is big enough but not far too big, since entries of a busy server are
 * alike, and when nobody is writing it down. It is out of the ring, so nobody can begin to. */
static struct mock_journal_entry *entry_memory(struct mock_journal_entry *old, size_t n)
{
    enum { STEP = 512 };
    size_t size = (n + STEP - 1) / STEP * STEP;
    if (old && old->size >= n && old->size <= 2 * size && atomic_load(&old->references) == 1)
        return old;
    mock_journal_entry_release(old);
    struct mock_journal_entry *entry = malloc(size);
    if (entry)
        entry->size = size;
    return entry;
}

struct mock_journal_entry *mock_journal_entry_new(struct mock_store *store, struct mock_journal_entry *old, uint64_t id,
                                                  const struct mock_journal_event *event)
{
    struct auth_view kept[MOCK_JOURNAL_TEXTS];
    size_t report_n = report_size(event->report), text_n = 0;
    for (int i = 0; i < MOCK_JOURNAL_TEXTS; i++) {
        kept[i] = text_of(event, i);
        text_n += kept[i].n;
    }
    struct mock_journal_entry *entry = entry_memory(old, sizeof *entry + report_n + text_n);
    if (!entry)
        return NULL;
    char *behind = (char *)(entry + 1), *to = behind + report_n;
    *entry = (struct mock_journal_entry){
        .size = entry->size,
        .id = id,
        .token = event->token,
        .fault = event->fault,
        .step = (uint8_t)event->step,
        .time_us = event->time_us,
        .real_us = event->real_us,
        .lifetime_s = event->lifetime_s,
        .told_s = event->told_s,
        .by_s = event->by_s,
        .change = (uint8_t)event->change,
        .status = event->status,
        .hints = event->hints,
        .kind = (uint8_t)event->kind,
        .route = (uint8_t)event->route,
        .is_issued = event->is_issued,
        .has_report = event->report != NULL,
        .text = to,
    };
    atomic_init(&entry->references, 1);
    if (report_n) {
        memcpy(behind, event->report, report_n);
        mock_redact_report(store, (struct auth_report *)(void *)behind);
    }
    for (int i = 0; i < MOCK_JOURNAL_TEXTS; i++) {
        entry->text_n[i] = (uint16_t)kept[i].n;
        if (!kept[i].n)
            continue;
        memcpy(to, kept[i].p, kept[i].n);
        mock_redact(store, texts[i].redaction, to, kept[i].n);
        to += kept[i].n;
    }
    return entry;
}

/* As the client named the server, where that is a name. */
static struct auth_view authority_of(const struct mock_request *request)
{
    struct auth_authority authority;
    struct auth_view host = mock_request_header(request, "host");
    return auth_authority_parse(host, &authority) ? host : auth_view_from_string("");
}

struct mock_journal_event mock_journal_event_of(enum mock_journal_kind kind, const struct mock_request *request,
                                                const struct mock_wait *wait, int status)
{
    return (struct mock_journal_event){
        .kind = kind,
        .route = wait->route,
        .time_us = wait->received_us,
        .real_us = wait->started_us,
        .method = request->method,
        .target = request->path,
        .authority = authority_of(request),
        .status = wait->fault_status ? wait->fault_status : status,
        .fault = wait->fault_id,
        .step = wait->step,
    };
}

/* ---- showing ---- */

struct auth_view mock_journal_entry_text(const struct mock_journal_entry *entry, enum mock_journal_text which)
{
    const char *at = entry->text;
    for (int i = 0; i < (int)which; i++)
        at += entry->text_n[i];
    return auth_view_bytes(at, entry->text_n[which]);
}

bool mock_journal_entry_matches(const struct mock_journal_entry *entry, const struct mock_journal_filter *filter)
{
    return (filter->kind < 0 || entry->kind == filter->kind) && (!filter->status || entry->status == filter->status) &&
           (!filter->has_after || entry->id > filter->after) &&
           (filter->client_id.n == 0 ||
            auth_view_equals_view(filter->client_id, mock_journal_entry_text(entry, MOCK_JOURNAL_CLIENT)));
}

static void write_text(struct auth_json_writer *w, const char *key, struct auth_view value)
{
    auth_json_write_key(w, key);
    if (value.n)
        auth_json_write_string(w, value);
    else
        auth_json_write_null(w);
}

/* Header and claims are the sender's words: they are shown as JSON when they are JSON, else as null. */
static void write_json(struct auth_json_writer *w, const char *key, struct auth_view json)
{
    enum auth_rc rc = json.n ? auth_json_check(json, NULL) : AUTH_E_NOT_FOUND;
    auth_json_write_key(w, key);
    if (rc == AUTH_E_NOMEM)
        w->out->is_spoiled = true;
    if (rc == AUTH_OK)
        auth_json_write_raw(w, json);
    else
        auth_json_write_null(w);
}

static void read_report(const struct mock_journal_entry *entry, struct auth_report *report)
{
    memset(report, 0, sizeof *report);
    memcpy(report, entry + 1, (size_t)(entry->text - (const char *)(entry + 1)));
}

void mock_journal_entry_reason(const struct mock_journal_entry *entry, struct auth_buf *out)
{
    struct auth_report report;
    if (!entry->has_report)
        return;
    read_report(entry, &report);
    struct auth_outcome outcome = auth_rules_outcome(&report);
    if (!outcome.is_accepted)
        auth_rules_summary(&report, outcome.because, out);
}

const char *mock_journal_change_text(enum mock_journal_change change)
{
    static const char *const names[] = {NULL, "clock", "aged", "revoked", "saved", "restored"};
    return names[change];
}

static void write_token_part(const struct mock_journal_entry *entry, struct auth_json_writer *w)
{
    struct auth_report report;
    read_report(entry, &report);
    auth_json_write_member_text(w, "outcome", entry->is_issued ? "issued" : "refused");
    if (entry->is_issued) {
        auth_json_write_member_int(w, "expires_in", entry->told_s);
        auth_json_write_member_int(w, "lifetime_s", entry->lifetime_s);
    }
    auth_json_write_key(w, "verdicts");
    auth_rules_write(&report, w);
    auth_json_write_key(w, "jwt");
    auth_json_write_object(w);
    write_json(w, "header", mock_journal_entry_text(entry, MOCK_JOURNAL_HEADER));
    write_json(w, "claims", mock_journal_entry_text(entry, MOCK_JOURNAL_CLAIMS));
    auth_json_write_end_object(w);
}

/* When, by both clocks; which token and which faults had part in it. */
static void write_evidence(const struct mock_journal_entry *entry, struct auth_json_writer *w)
{
    char token[MOCK_TOKEN_NUMBER_N];
    write_text(w, "authority", mock_journal_entry_text(entry, MOCK_JOURNAL_AUTHORITY));
    if (entry->is_foreign)
        auth_json_write_member_bool(w, "foreign", true);
    auth_json_write_member_int(w, "server_us", entry->time_us);
    auth_json_write_member_int(w, "real_us", entry->real_us);
    auth_json_write_member_text(w, "token", entry->token ? mock_token_number_text(entry->token, token) : NULL);
    auth_json_write_key(w, "faults");
    auth_json_write_array(w);
    if (entry->fault)
        auth_json_write_int(w, (int64_t)entry->fault);
    auth_json_write_end_array(w);
    if (entry->step)
        auth_json_write_member_int(w, "step", entry->step);
}

bool mock_journal_entry_is_issued_for(const struct mock_journal_entry *entry, struct auth_view claims)
{
    struct auth_view kept = mock_journal_entry_text(entry, MOCK_JOURNAL_CLAIMS);
    return entry->is_issued && kept.n > 0 && auth_view_equals_view(kept, claims);
}

static void write_hints(unsigned hints, struct auth_json_writer *w)
{
    if (!hints)
        return;
    auth_json_write_key(w, "hints");
    auth_json_write_array(w);
    for (int i = 0; i < MOCK_HINTS; i++) {
        if (hints >> i & 1)
            auth_json_write_string(w, auth_view_from_string(mock_hint_text(i)));
    }
    auth_json_write_end_array(w);
}

void mock_journal_entry_write(const struct mock_journal_entry *entry, struct auth_json_writer *w)
{
    struct auth_buf time;
    struct auth_view note = mock_journal_entry_text(entry, MOCK_JOURNAL_NOTE);
    struct auth_view search = mock_journal_entry_text(entry, MOCK_JOURNAL_SEARCH);
    auth_buf_init(&time, 64);
    auth_time_write(&time, entry->time_us / 1000000);
    auth_json_write_object(w);
    auth_json_write_member_int(w, "id", (int64_t)entry->id);
    auth_json_write_member_buf(w, "time", &time);
    auth_json_write_member_text(w, "kind", mock_journal_kind_text((enum mock_journal_kind)entry->kind));
    auth_json_write_member_text(w, "route", mock_route_text((enum mock_route)entry->route));
    auth_json_write_member(w, "method", mock_journal_entry_text(entry, MOCK_JOURNAL_METHOD));
    auth_json_write_member(w, "target", mock_journal_entry_text(entry, MOCK_JOURNAL_TARGET));
    write_text(w, "client_id", mock_journal_entry_text(entry, MOCK_JOURNAL_CLIENT));
    auth_json_write_member_int(w, "status", entry->status);
    write_text(w, "error", mock_journal_entry_text(entry, MOCK_JOURNAL_ERROR));
    if (note.n)
        auth_json_write_member(w, "note", note);
    if (search.n)
        auth_json_write_member_raw(w, "search", search);
    write_hints(entry->hints, w);
    write_evidence(entry, w);
    if (entry->change) {
        auth_json_write_member_text(w, "change", mock_journal_change_text((enum mock_journal_change)entry->change));
        auth_json_write_member_int(w, "by_s", entry->by_s);
    }
    if (entry->has_report)
        write_token_part(entry, w);
    auth_json_write_end_object(w);
    auth_buf_clear(&time);
}

void mock_journal_entry_line(const struct mock_journal_entry *entry, struct auth_buf *out)
{
    char token[MOCK_TOKEN_NUMBER_N];
    struct auth_view error = mock_journal_entry_text(entry, MOCK_JOURNAL_ERROR);
    struct auth_view note = mock_journal_entry_text(entry, MOCK_JOURNAL_NOTE);
    int64_t ms = entry->time_us / 1000 % 86400000;
    auth_buf_addf(out, "%llu  %02d:%02d:%02d.%03d  ", (unsigned long long)entry->id, (int)(ms / 3600000),
                  (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
    auth_buf_add_view(out, mock_journal_entry_text(entry, MOCK_JOURNAL_METHOD));
    auth_buf_add_char(out, ' ');
    auth_buf_add_view(out, mock_journal_entry_text(entry, MOCK_JOURNAL_TARGET));
    auth_buf_addf(out, "  %d", entry->status);
    if (entry->token)
        auth_buf_addf(out, "  %s%s", entry->is_issued ? "issued " : "", mock_token_number_text(entry->token, token));
    auth_buf_add_string(out, error.n ? "  " : "");
    auth_buf_add_view(out, error);
    auth_buf_add_string(out, note.n ? "  " : "");
    auth_buf_add_view(out, note);
}
