/* The ring and how an entry is written down. What is long is done outside the lock, on entries that are counted. */
#include "mock_epic/state/journal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/time.h"
#include "mock_epic/state/redaction.h"

enum { TARGET_MAX = 512, NOTE_MAX = 512, JWT_TEXT_MAX = 4096 };

/* Written once, then only read. The report and then the copied texts, in the order of their lengths here, live behind the struct in one
 * allocation. */
struct mock_journal_entry {
    atomic_uint references; /* the ring's, and those of who is writing it down */
    size_t size;            /* bytes allocated */
    uint64_t id;
    int64_t time_us;
    enum mock_journal_kind kind;
    int status;
    bool is_issued;
    bool has_report;
    uint16_t method_n, target_n, client_n, error_n, note_n, header_n, claims_n;
    char *text; /* behind the report, which is directly behind this struct */
};

enum { METHOD_MAX = 16, CLIENT_MAX = 256, ERROR_MAX = 64 };
_Static_assert(sizeof(struct mock_journal_entry) + sizeof(struct auth_report) + METHOD_MAX + TARGET_MAX + CLIENT_MAX +
                       ERROR_MAX + NOTE_MAX + 2 * JWT_TEXT_MAX <=
                   MOCK_JOURNAL_ENTRY_MAX,
               "the largest entry is bounded");

static const char *const kind_texts[] = {"token", "fhir", "bulk", "jwks", "other"};

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

enum auth_rc mock_journal_init(struct mock_journal *journal, size_t size)
{
    journal->ring = calloc(size, sizeof *journal->ring);
    if (!journal->ring)
        return AUTH_E_NOMEM;
    journal->size = size;
    journal->next_id = 1;
    journal->first_id = 1;
    pthread_mutex_init(&journal->lock, NULL);
    return AUTH_OK;
}

void mock_journal_clear(struct mock_journal *journal)
{
    if (!journal->ring)
        return;
    mock_journal_empty(journal);
    free(journal->ring);
    journal->ring = NULL;
    pthread_mutex_destroy(&journal->lock);
}

uint64_t mock_journal_reserve(struct mock_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t id = journal->next_id++;
    pthread_mutex_unlock(&journal->lock);
    return id;
}

static uint16_t capped(struct auth_view view, size_t max)
{
    return (uint16_t)mock_redaction_cut(view, max).n;
}

/* JSON text must be kept whole or not at all: a cut half would not parse when it is shown. */
static uint16_t whole(struct auth_view view)
{
    return view.n <= JWT_TEXT_MAX ? (uint16_t)view.n : 0;
}

/* Copied, and no secret in it. */
static char *copy(struct mock_store *store, enum mock_redaction kind, char *to, struct auth_view from, uint16_t n)
{
    if (n)
        memcpy(to, from.p, n);
    mock_redact(store, kind, to, n);
    return to + n;
}

/* The part of a report that is in use: verdicts and the used head of its text. */
static size_t report_size(const struct auth_report *report)
{
    return offsetof(struct auth_report, text) + report->text_used;
}

static void release(struct mock_journal_entry *entry)
{
    if (entry && atomic_fetch_sub(&entry->references, 1) == 1)
        free(entry);
}

/* Memory for an entry of n bytes: the old one's when it is big enough, since entries of a busy server are alike, and when
 * nobody is writing it down. It is out of the ring, so nobody can begin to. */
static struct mock_journal_entry *entry_room(struct mock_journal_entry *old, size_t n)
{
    enum { STEP = 512 };
    if (old && old->size >= n && atomic_load(&old->references) == 1)
        return old;
    release(old);
    size_t size = (n + STEP - 1) / STEP * STEP;
    struct mock_journal_entry *entry = malloc(size);
    if (entry)
        entry->size = size;
    return entry;
}

static struct mock_journal_entry *entry_new(struct mock_store *store, struct mock_journal_entry *old, uint64_t id,
                                            const struct mock_journal_event *event)
{
    struct mock_journal_entry shape = {
        .id = id,
        .time_us = event->time_us,
        .kind = event->kind,
        .status = event->status,
        .is_issued = event->is_issued,
        .has_report = event->report != NULL,
        .method_n = capped(event->method, METHOD_MAX),
        .target_n = capped(event->target, TARGET_MAX),
        .client_n = capped(event->client_id, CLIENT_MAX),
        .error_n = capped(event->error, ERROR_MAX),
        .note_n = capped(event->note, NOTE_MAX),
        .header_n = whole(event->jwt_header),
        .claims_n = whole(event->jwt_claims),
    };
    size_t report_n = event->report ? report_size(event->report) : 0;
    size_t text_n = (size_t)shape.method_n + shape.target_n + shape.client_n + shape.error_n + shape.note_n +
                    shape.header_n + shape.claims_n;
    struct mock_journal_entry *entry = entry_room(old, sizeof *entry + report_n + text_n);
    if (!entry)
        return NULL;
    shape.size = entry->size;
    *entry = shape;
    atomic_init(&entry->references, 1);
    char *behind = (char *)(entry + 1);
    if (report_n) {
        memcpy(behind, event->report, report_n);
        mock_redact_report(store, (struct auth_report *)(void *)behind);
    }
    entry->text = behind + report_n;
    char *to = copy(store, MOCK_REDACT_VALUE, entry->text, event->method, shape.method_n);
    to = copy(store, MOCK_REDACT_VALUE, to, event->target, shape.target_n);
    to = copy(store, MOCK_REDACT_VALUE, to, event->client_id, shape.client_n);
    to = copy(store, MOCK_REDACT_VALUE, to, event->error, shape.error_n);
    to = copy(store, MOCK_REDACT_PROSE, to, event->note, shape.note_n);
    to = copy(store, MOCK_REDACT_PROSE, to, event->jwt_header, shape.header_n);
    (void)copy(store, MOCK_REDACT_PROSE, to, event->jwt_claims, shape.claims_n);
    return entry;
}

/* A slow thread may come after the ring went round, or after the journal was emptied: the newer one stays. */
static bool is_late(const struct mock_journal *journal, uint64_t id)
{
    const struct mock_journal_entry *there = journal->ring[id % journal->size];
    return id < journal->first_id || (there && there->id > id);
}

/* Change what stands in the slot of that id and answer what stood there; a late entry comes back itself. */
static struct mock_journal_entry *exchange(struct mock_journal *journal, uint64_t id, struct mock_journal_entry *entry)
{
    pthread_mutex_lock(&journal->lock);
    struct mock_journal_entry *gone = entry;
    if (!is_late(journal, id)) {
        gone = journal->ring[id % journal->size];
        journal->ring[id % journal->size] = entry;
    }
    pthread_mutex_unlock(&journal->lock);
    return gone;
}

void mock_journal_add(struct mock_journal *journal, uint64_t id, const struct mock_journal_event *event)
{
    struct mock_journal_entry *entry = entry_new(journal->store, exchange(journal, id, NULL), id, event);
    if (entry)
        release(exchange(journal, id, entry));
}

void mock_journal_empty(struct mock_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    for (size_t i = 0; i < journal->size; i++) {
        release(journal->ring[i]);
        journal->ring[i] = NULL;
    }
    journal->first_id = journal->next_id;
    pthread_mutex_unlock(&journal->lock);
}

static struct auth_view next_text(const char **at, uint16_t n)
{
    struct auth_view view = auth_view_bytes(*at, n);
    *at += n;
    return view;
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

static void write_token_part(const struct mock_journal_entry *entry, struct auth_view header, struct auth_view claims,
                             struct auth_json_writer *w)
{
    struct auth_report report;
    memset(&report, 0, sizeof report);
    memcpy(&report, entry + 1, (size_t)(entry->text - (const char *)(entry + 1)));
    auth_json_write_member_text(w, "outcome", entry->is_issued ? "issued" : "refused");
    auth_json_write_key(w, "verdicts");
    auth_rules_write(&report, w);
    auth_json_write_key(w, "jwt");
    auth_json_write_object(w);
    write_json(w, "header", header);
    write_json(w, "claims", claims);
    auth_json_write_end_object(w);
}

static void write_entry(const struct mock_journal_entry *entry, struct auth_json_writer *w)
{
    struct auth_buf time;
    const char *at = entry->text;
    struct auth_view method = next_text(&at, entry->method_n);
    struct auth_view target = next_text(&at, entry->target_n);
    struct auth_view client = next_text(&at, entry->client_n);
    struct auth_view error = next_text(&at, entry->error_n);
    struct auth_view note = next_text(&at, entry->note_n);
    struct auth_view header = next_text(&at, entry->header_n);
    struct auth_view claims = next_text(&at, entry->claims_n);

    auth_buf_init(&time, 64);
    auth_time_write(&time, entry->time_us / 1000000);
    auth_json_write_object(w);
    auth_json_write_member_int(w, "id", (int64_t)entry->id);
    auth_json_write_member_buf(w, "time", &time);
    auth_json_write_member_text(w, "kind", mock_journal_kind_text(entry->kind));
    auth_json_write_member(w, "method", method);
    auth_json_write_member(w, "target", target);
    write_text(w, "client_id", client);
    auth_json_write_member_int(w, "status", entry->status);
    write_text(w, "error", error);
    if (note.n)
        auth_json_write_member(w, "note", note);
    if (entry->has_report)
        write_token_part(entry, header, claims, w);
    auth_json_write_end_object(w);
    auth_buf_clear(&time);
}

static bool matches(const struct mock_journal_entry *entry, const struct mock_journal_filter *filter)
{
    if (filter->kind >= 0 && entry->kind != (enum mock_journal_kind)filter->kind)
        return false;
    if (filter->status && entry->status != filter->status)
        return false;
    if (filter->client_id.n == 0)
        return true;
    const char *client = entry->text + entry->method_n + entry->target_n;
    return auth_view_equals_view(filter->client_id, auth_view_bytes(client, entry->client_n));
}

enum { BATCH_MAX = 64, LOOKED_AT_MAX = 256 };

/* Some entries to write down, held while the ring goes on. */
struct batch {
    struct mock_journal_entry *entries[BATCH_MAX];
    size_t count;
};

/* Take the next matching entries below *id, a bounded part of the ring at a time. False at its end. */
static bool take_batch(struct mock_journal *journal, const struct mock_journal_filter *filter, size_t wanted,
                       uint64_t *id, struct batch *batch)
{
    batch->count = 0;
    pthread_mutex_lock(&journal->lock);
    uint64_t last = journal->next_id > journal->size ? journal->next_id - journal->size : 1;
    *id = *id < journal->next_id ? *id : journal->next_id;
    for (int i = 0; i<LOOKED_AT_MAX && * id> last && batch->count < BATCH_MAX && batch->count < wanted; i++) {
        struct mock_journal_entry *entry = journal->ring[--*id % journal->size];
        if (!entry || entry->id != *id || !matches(entry, filter))
            continue;
        atomic_fetch_add(&entry->references, 1);
        batch->entries[batch->count++] = entry;
    }
    bool has_more = *id > last;
    pthread_mutex_unlock(&journal->lock);
    return has_more;
}

void mock_journal_write(struct mock_journal *journal, const struct mock_journal_filter *filter,
                        struct auth_json_writer *w)
{
    struct batch batch;
    size_t written = 0;
    uint64_t id = UINT64_MAX;
    bool has_more = true;
    auth_json_write_array(w);
    while (has_more && written < filter->limit) {
        has_more = take_batch(journal, filter, filter->limit - written, &id, &batch);
        for (size_t i = 0; i < batch.count; i++) {
            write_entry(batch.entries[i], w);
            release(batch.entries[i]);
        }
        written += batch.count;
    }
    auth_json_write_end_array(w);
}

enum auth_rc mock_journal_write_one(struct mock_journal *journal, uint64_t id, struct auth_json_writer *w)
{
    pthread_mutex_lock(&journal->lock);
    struct mock_journal_entry *entry = journal->ring[id % journal->size];
    if (entry && entry->id == id)
        atomic_fetch_add(&entry->references, 1);
    else
        entry = NULL;
    pthread_mutex_unlock(&journal->lock);
    if (!entry)
        return AUTH_E_NOT_FOUND;
    write_entry(entry, w);
    release(entry);
    return AUTH_OK;
}
