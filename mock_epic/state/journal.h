/* The journal: what was asked, every verdict, what was answered. A bounded ring, written before the answer leaves, so
 * that a test which has its answer finds the entry.
 *
 * It starts small and grows with what it holds, up to a number of entries, a number of bytes, and what the journals of all
 * instances may hold together; then the oldest give way. Secrets do not enter it: of an assertion it keeps header and claims
 * as text (never the signature), of a token its number; and whatever text of others it keeps is masked
 * (mock_epic/state/redaction.h) before it does. Threads safe. */
#ifndef MOCK_EPIC_STATE_JOURNAL_H
#define MOCK_EPIC_STATE_JOURNAL_H

#include <pthread.h>

#include "mock_epic/state/journal_entry.h"

/* What several journals may hold together. */
struct mock_journal_budget {
    atomic_size_t used;
    size_t max;
};

enum {
    MOCK_JOURNAL_SIZE = 1000,
    MOCK_JOURNAL_BYTES_MAX = 4 * 1024 * 1024,
    MOCK_JOURNALS_BYTES_MAX = 256 * 1024 * 1024
};

/* Sees each entry before it is found, in the thread of the request that it is about: it must not wait. */
struct mock_journal_watcher {
    void (*see)(void *ctx, const struct mock_journal_entry *entry);
    void *ctx;
};
enum { MOCK_JOURNAL_WATCHERS_MAX = 4 };

struct mock_journal {
    pthread_mutex_t lock;
    struct mock_journal_entry **ring;
    size_t size, size_max;              /* slots, and how many there may be */
    uint64_t next_id;                   /* ids are 1, 2, 3 ...; entry id lives in slot id % size */
    uint64_t first_id;                  /* what is smaller is forgotten */
    size_t bytes, bytes_max;            /* of all entries */
    uint64_t added;                     /* how many ever were */
    atomic_uint waiting;                /* perhaps somebody waits for one */
    struct mock_store *store;           /* of the tokens that must not be shown; NULL: JWTs alone are known */
    struct mock_journal_budget *budget; /* NULL: none */
    struct mock_journal_watcher watchers[MOCK_JOURNAL_WATCHERS_MAX];
    atomic_uint watcher_count;
    const char *const *public_url; /* of this server: who calls it otherwise was led elsewhere; NULL: not known */
    struct mock_waiters *waiters;  /* who waits for entries; NULL: nobody can */
};

/* size: the most entries that it holds. store, budget and waiters may be set afterwards. rc AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_journal_init(struct mock_journal *journal, size_t size);
void mock_journal_clear(struct mock_journal *journal);

/* Let somebody see all entries from now on, at most MOCK_JOURNAL_WATCHERS_MAX of them, until the journal is cleared. */
void mock_journal_watch(struct mock_journal *journal, void (*see)(void *ctx, const struct mock_journal_entry *entry),
                        void *ctx);
/* Reserve the id that the next mock_journal_add() of this event must carry: the response header names it. */
uint64_t mock_journal_reserve(struct mock_journal *journal);
/* Keep the event under that id. When memory is short the event is dropped and the id stays empty. */
void mock_journal_add(struct mock_journal *journal, uint64_t id, const struct mock_journal_event *event);
/* The same under the next id, which is returned: for an event whose answer is not to be named before. */
uint64_t mock_journal_append(struct mock_journal *journal, const struct mock_journal_event *event);
/* Forget all entries; ids go on. */
void mock_journal_empty(struct mock_journal *journal);

/* Write the matching entries as an array. Nobody who adds one waits for it.
 * out  *seen  journal->added before it was looked at, for mock_journal_wait(); may be NULL
 * How many were written. */
size_t mock_journal_write(struct mock_journal *journal, const struct mock_journal_filter *filter,
                          struct auth_json_writer *w, uint64_t *seen);
/* Call visit() for each entry that is kept, the oldest first. Nobody who adds one waits for it. */
void mock_journal_each(struct mock_journal *journal, void (*visit)(void *ctx, const struct mock_journal_entry *entry),
                       void *ctx);
/* When, by the server's clock, that client last got a token for a JWT of exactly these claims, as far as the journal goes
 * back; INT64_MIN: never. Linear in its entries; nobody who adds one waits for it. */
int64_t mock_journal_issued_s(struct mock_journal *journal, struct auth_view client_id, struct auth_view claims);
/* Resume the wait when an entry is added that had not been when wait->seen was taken, and no later than at wait->until_ms. */
void mock_journal_wait(struct mock_journal *journal, struct mock_wait *wait);
/* The id that was given out last; 0: none was. */
uint64_t mock_journal_last_id(struct mock_journal *journal);
/* Write one entry. rc AUTH_E_NOT_FOUND (never there, or already overwritten) */
AUTH_MUST_CHECK enum auth_rc mock_journal_write_one(struct mock_journal *journal, uint64_t id,
                                                    struct auth_json_writer *w);

#endif
