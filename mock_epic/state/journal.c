/* The ring. What is long is done outside its lock, on entries that are counted. */
#include "mock_epic/state/journal.h"

#include <stdlib.h>
#include <string.h>

#include "mock_epic/state/journal_entry.h"

enum { SLOTS_MIN = 16 };

enum auth_rc mock_journal_init(struct mock_journal *journal, size_t size)
{
    size_t slots = size < SLOTS_MIN ? size : SLOTS_MIN;
    memset(journal, 0, sizeof *journal);
    journal->ring = calloc(slots, sizeof(struct mock_journal_entry *));
    if (!journal->ring)
        return AUTH_E_NOMEM;
    journal->size = slots;
    journal->size_max = size;
    journal->bytes_max = MOCK_JOURNAL_BYTES_MAX;
    journal->next_id = journal->first_id = 1;
    atomic_init(&journal->waiting, 0);
    atomic_init(&journal->watcher_count, 0);
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

void mock_journal_watch(struct mock_journal *journal, void (*see)(void *ctx, const struct mock_journal_entry *entry),
                        void *ctx)
{
    pthread_mutex_lock(&journal->lock);
    unsigned count = atomic_load(&journal->watcher_count);
    if (count < MOCK_JOURNAL_WATCHERS_MAX) {
        journal->watchers[count] = (struct mock_journal_watcher){see, ctx};
        atomic_store(&journal->watcher_count, count + 1); /* whoever reads it finds the row */
    }
    pthread_mutex_unlock(&journal->lock);
}

uint64_t mock_journal_reserve(struct mock_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t id = journal->next_id++;
    pthread_mutex_unlock(&journal->lock);
    return id;
}

uint64_t mock_journal_last_id(struct mock_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t id = journal->next_id - 1;
    pthread_mutex_unlock(&journal->lock);
    return id;
}

/* ---- the ring; the lock is held ---- */

static struct mock_journal_entry **slot_of(const struct mock_journal *journal, uint64_t id)
{
    return &journal->ring[id % journal->size];
}

static struct mock_journal_entry *take(struct mock_journal *journal, struct mock_journal_entry **slot)
{
    struct mock_journal_entry *entry = *slot;
    *slot = NULL;
    if (!entry)
        return NULL;
    journal->bytes -= entry->size;
    if (journal->budget)
        atomic_fetch_sub(&journal->budget->used, entry->size);
    return entry;
}

static void put(struct mock_journal *journal, struct mock_journal_entry *entry)
{
    *slot_of(journal, entry->id) = entry;
    journal->added++;
    journal->bytes += entry->size;
    if (journal->budget)
        atomic_fetch_add(&journal->budget->used, entry->size);
}

/* Twice as many slots. Without memory the ring stays as it is, and holds less. */
static bool grow(struct mock_journal *journal)
{
    size_t size = journal->size * 2 < journal->size_max ? journal->size * 2 : journal->size_max, old = journal->size;
    struct mock_journal_entry **ring = size > old ? calloc(size, sizeof(struct mock_journal_entry *)) : NULL;
    if (!ring)
        return false;
    for (size_t i = 0; i < old; i++) {
        if (journal->ring[i])
            ring[journal->ring[i]->id % size] = journal->ring[i];
    }
    free(journal->ring);
    journal->ring = ring;
    journal->size = size;
    return true;
}

/* Get the slot of a new id ready: false for a late one, of a slow thread that comes after the ring went round or was emptied,
 * for the newer one stays. */
static bool make_place(struct mock_journal *journal, uint64_t id)
{
    while (*slot_of(journal, id) && grow(journal))
        continue;
    const struct mock_journal_entry *there = *slot_of(journal, id);
    return id >= journal->first_id && (!there || there->id < id);
}

static bool is_over(const struct mock_journal *journal)
{
    return journal->bytes > journal->bytes_max ||
           (journal->budget && atomic_load(&journal->budget->used) > journal->budget->max);
}

/* Forget the oldest until the rest may stay, but never the newest. */
static void make_room(struct mock_journal *journal, uint64_t newest)
{
    uint64_t oldest = newest > journal->size_max ? newest - journal->size_max : 0;
    for (uint64_t id = journal->first_id > oldest ? journal->first_id : oldest; id < newest && is_over(journal); id++) {
        struct mock_journal_entry **slot = slot_of(journal, id);
        if (*slot && (*slot)->id == id)
            mock_journal_entry_release(take(journal, slot));
        journal->first_id = id + 1;
    }
}

/* ---- adding ---- */

/* What the new entry takes the place of, for its memory. *number 0: it gets the next. */
static struct mock_journal_entry *begin(struct mock_journal *journal, uint64_t *number)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t id = *number ? *number : journal->next_id++;
    *number = id;
    struct mock_journal_entry *gone = make_place(journal, id) ? take(journal, slot_of(journal, id)) : NULL;
    pthread_mutex_unlock(&journal->lock);
    return gone;
}

static void finish(struct mock_journal *journal, struct mock_journal_entry *entry)
{
    pthread_mutex_lock(&journal->lock);
    struct mock_journal_entry *gone = entry;
    if (make_place(journal, entry->id)) {
        gone = take(journal, slot_of(journal, entry->id));
        put(journal, entry);
        make_room(journal, entry->id);
    }
    pthread_mutex_unlock(&journal->lock);
    mock_journal_entry_release(gone);
}

/* Did the client call this server as it calls itself? */
static bool is_foreign(const struct mock_journal *journal, struct auth_view authority)
{
    struct auth_view own = auth_view_from_string(journal->public_url ? *journal->public_url : NULL);
    size_t at = auth_view_find(own, '/');
    own = auth_view_from(own, at + 2 < own.n ? at + 2 : own.n); /* behind "http://" */
    own = auth_view_bytes(own.p, auth_view_find(own, '/'));
    return own.n && authority.n && !auth_view_equals_view_nocase(own, authority);
}

static uint64_t add(struct mock_journal *journal, uint64_t id, const struct mock_journal_event *event)
{
    struct mock_journal_entry *old = begin(journal, &id);
    struct mock_journal_entry *entry = mock_journal_entry_new(journal->store, old, id, event);
    if (!entry)
        return id;
    entry->is_foreign = event->kind != MOCK_JOURNAL_ADMIN && is_foreign(journal, event->authority);
    unsigned count = atomic_load(&journal->watcher_count);
    for (unsigned i = 0; i < count; i++) /* a late one, too, although nobody will find it */
        journal->watchers[i].see(journal->watchers[i].ctx, entry);
    finish(journal, entry);
    if (atomic_load(&journal->waiting) && atomic_exchange(&journal->waiting, 0))
        mock_waiters_wake(journal->waiters, journal);
    return id;
}

void mock_journal_add(struct mock_journal *journal, uint64_t id, const struct mock_journal_event *event)
{
    (void)add(journal, id, event);
}

uint64_t mock_journal_append(struct mock_journal *journal, const struct mock_journal_event *event)
{
    return add(journal, 0, event);
}

void mock_journal_wait(struct mock_journal *journal, struct mock_wait *wait)
{
    pthread_mutex_lock(&journal->lock);
    bool is_waiting = journal->added == wait->seen;
    wait->cause = journal;
    if (is_waiting) {
        mock_waiters_add(journal->waiters, wait);
        atomic_store(&journal->waiting, 1);
    }
    pthread_mutex_unlock(&journal->lock);
    if (!is_waiting)
        wait->resume(wait);
}

void mock_journal_empty(struct mock_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    for (size_t i = 0; i < journal->size; i++)
        mock_journal_entry_release(take(journal, &journal->ring[i]));
    journal->first_id = journal->next_id;
    pthread_mutex_unlock(&journal->lock);
}

/* ---- listing ---- */

enum { BATCH_MAX = 64, LOOKED_AT_MAX = 256 };

/* Some entries to write down, held while the ring goes on. */
struct batch {
    struct mock_journal_entry *entries[BATCH_MAX];
    size_t count;
};

/* The ids that are looked at, from `next` to before `end`, in one direction or the other. */
struct walk {
    uint64_t next, end;
    bool is_upward;
};

/* The lock is held. */
static struct walk begin_walk(const struct mock_journal *journal, const struct mock_journal_filter *filter)
{
    uint64_t oldest = journal->next_id > journal->size_max ? journal->next_id - journal->size_max : 1;
    oldest = oldest > journal->first_id ? oldest : journal->first_id;
    if (!filter->has_after)
        return (struct walk){journal->next_id - 1, oldest - 1, false};
    if (filter->after >= journal->next_id)
        return (struct walk){journal->next_id, journal->next_id, true};
    return (struct walk){filter->after >= oldest ? filter->after + 1 : oldest, journal->next_id, true};
}

/* Take the next matching entries, a bounded part of the ring at a time. The lock is held. */
static void take_batch(struct mock_journal *journal, const struct mock_journal_filter *filter, size_t wanted,
                       struct walk *walk, struct batch *batch)
{
    batch->count = 0;
    for (int i = 0; i < LOOKED_AT_MAX && walk->next != walk->end && batch->count < BATCH_MAX && batch->count < wanted;
         i++) {
        uint64_t id = walk->next;
        struct mock_journal_entry *entry = *slot_of(journal, id);
        walk->next += walk->is_upward ? 1 : UINT64_MAX;
        if (!entry || entry->id != id || !mock_journal_entry_matches(entry, filter))
            continue;
        atomic_fetch_add(&entry->references, 1);
        batch->entries[batch->count++] = entry;
    }
}

size_t mock_journal_write(struct mock_journal *journal, const struct mock_journal_filter *filter,
                          struct auth_json_writer *w, uint64_t *seen)
{
    struct batch batch;
    struct walk walk = {0, 0, false};
    size_t written = 0;
    bool has_begun = false;
    auth_json_write_array(w);
    while (written < filter->limit && (!has_begun || walk.next != walk.end)) {
        pthread_mutex_lock(&journal->lock);
        if (!has_begun) {
            walk = begin_walk(journal, filter);
            if (seen)
                *seen = journal->added;
        }
        has_begun = true;
        take_batch(journal, filter, filter->limit - written, &walk, &batch);
        pthread_mutex_unlock(&journal->lock);
        for (size_t i = 0; i < batch.count; i++) {
            mock_journal_entry_write(batch.entries[i], w);
            mock_journal_entry_release(batch.entries[i]);
        }
        written += batch.count;
    }
    auth_json_write_end_array(w);
    return written;
}

void mock_journal_each(struct mock_journal *journal, void (*visit)(void *ctx, const struct mock_journal_entry *entry),
                       void *ctx)
{
    const struct mock_journal_filter all = {.kind = -1, .has_after = true};
    struct batch batch;
    pthread_mutex_lock(&journal->lock);
    struct walk walk = begin_walk(journal, &all);
    pthread_mutex_unlock(&journal->lock);
    while (walk.next != walk.end) {
        pthread_mutex_lock(&journal->lock);
        take_batch(journal, &all, BATCH_MAX, &walk, &batch);
        pthread_mutex_unlock(&journal->lock);
        for (size_t i = 0; i < batch.count; i++) {
            visit(ctx, batch.entries[i]);
            mock_journal_entry_release(batch.entries[i]);
        }
    }
}

int64_t mock_journal_issued_s(struct mock_journal *journal, struct auth_view client_id, struct auth_view claims)
{
    struct mock_journal_filter filter = {.kind = MOCK_JOURNAL_TOKEN, .client_id = client_id, .status = 200};
    struct batch batch;
    int64_t issued_s = INT64_MIN;
    pthread_mutex_lock(&journal->lock);
    struct walk walk = begin_walk(journal, &filter);
    pthread_mutex_unlock(&journal->lock);
    while (walk.next != walk.end && issued_s == INT64_MIN) {
        pthread_mutex_lock(&journal->lock);
        take_batch(journal, &filter, BATCH_MAX, &walk, &batch);
        pthread_mutex_unlock(&journal->lock);
        for (size_t i = 0; i < batch.count; i++) {
            if (issued_s == INT64_MIN && mock_journal_entry_is_issued_for(batch.entries[i], claims))
                issued_s = batch.entries[i]->time_us / 1000000;
            mock_journal_entry_release(batch.entries[i]);
        }
    }
    return issued_s;
}

enum auth_rc mock_journal_write_one(struct mock_journal *journal, uint64_t id, struct auth_json_writer *w)
{
    pthread_mutex_lock(&journal->lock);
    struct mock_journal_entry *entry = *slot_of(journal, id);
    if (entry && entry->id == id)
        atomic_fetch_add(&entry->references, 1);
    else
        entry = NULL;
    pthread_mutex_unlock(&journal->lock);
    if (!entry)
        return AUTH_E_NOT_FOUND;
    mock_journal_entry_write(entry, w);
    mock_journal_entry_release(entry);
    return AUTH_OK;
}
