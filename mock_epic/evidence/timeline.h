/* A run as a picture: what happened, with a lane for each token from its issue to its end, as text or as a page.
 *
 * Made of journal entries, as they are written (mock_journal_watch()) or from the ring (mock_journal_each()); what is shown of
 * them was masked before. It holds the newest MOCK_TIMELINE_MAX of them and counts the others. Threads safe.
 * Read next: mock_epic/evidence/timeline_rows.h, how events become rows. */
#ifndef MOCK_EPIC_EVIDENCE_TIMELINE_H
#define MOCK_EPIC_EVIDENCE_TIMELINE_H

#include "auth/core/json.h"
#include "mock_epic/state/journal.h"

enum { MOCK_TIMELINE_MAX = 10000 };

/* An entry, as far as it is shown. */
struct mock_timeline_event {
    uint64_t id, token, fault;
    int64_t time_us, real_us;
    int64_t lifetime_s, told_s, by_s;
    int status;
    enum mock_journal_kind kind;
    enum mock_journal_change change;
    unsigned step;
    bool is_issued;
    struct auth_view method, target, client_id, error, note, reason; /* in text; printable */
    char text[];
};

struct mock_timeline {
    pthread_mutex_t lock;
    struct mock_timeline_event **ring; /* the oldest at first, then on, and around */
    size_t first, count, size;
    uint64_t left_out; /* older ones, and those for which there was no memory */
};

void mock_timeline_init(struct mock_timeline *timeline);
void mock_timeline_clear(struct mock_timeline *timeline);
/* Keep an entry: as mock_journal_watch() and mock_journal_each() call it; ctx is the timeline. */
void mock_timeline_see(void *ctx, const struct mock_journal_entry *entry);

/* What is said above the picture; borrowed. */
struct mock_timeline_about {
    const char *instance; /* NULL: the main one */
    const char *profile;
    bool has_seed;
    int64_t seed;
    struct auth_view verdict; /* JSON, as mock_expectations_write_verdict() writes it */
};

/* Lines of at most 80 columns of ASCII. Nobody may add meanwhile but through mock_timeline_see(), which then waits. */
void mock_timeline_write_text(struct mock_timeline *timeline, const struct mock_timeline_about *about,
                              struct auth_buf *out);
/* A page that needs nothing from elsewhere, runs no script, and can be printed. */
void mock_timeline_write_page(struct mock_timeline *timeline, const struct mock_timeline_about *about,
                              struct auth_buf *out);

#endif
