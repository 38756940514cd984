/* The journal: what was asked, every verdict, what was answered. A bounded ring, written before the answer leaves, so
 * that a test which has its answer finds the entry.
 *
 * Secrets do not enter it: of an assertion it keeps header and claims as text (never the signature), of a token
 * nothing; and whatever text of others it keeps is masked (mock_epic/state/redaction.h) before it does. Threads safe. */
#ifndef MOCK_EPIC_STATE_JOURNAL_H
#define MOCK_EPIC_STATE_JOURNAL_H

#include <pthread.h>

#include "auth/core/json.h"
#include "auth/rules/rules.h"
#include "mock_epic/store/store.h"

enum mock_journal_kind {
    MOCK_JOURNAL_TOKEN,
    MOCK_JOURNAL_FHIR,
    MOCK_JOURNAL_BULK,
    MOCK_JOURNAL_JWKS,
    MOCK_JOURNAL_OTHER
};

/* One thing that happened. Views are borrowed; mock_journal_add() copies what it keeps. */
struct mock_journal_event {
    enum mock_journal_kind kind;
    int64_t time_us; /* server clock */
    struct auth_view method;
    struct auth_view target; /* path and, for FHIR, query; cut to 512 bytes */
    struct auth_view client_id;
    int status;
    struct auth_view error;                  /* OAuth error or another short code; empty when none */
    struct auth_view note;                   /* one line more, e.g. why a fetch failed */
    bool is_issued;                          /* kind token: outcome */
    const struct auth_report *report;        /* kind token; NULL for others */
    struct auth_view jwt_header, jwt_claims; /* decoded JSON text; empty when unreadable */
};

struct mock_journal_entry;

struct mock_journal {
    pthread_mutex_t lock;
    struct mock_journal_entry **ring;
    size_t size;              /* slots */
    uint64_t next_id;         /* ids are 1, 2, 3 ...; entry id lives in slot id % size */
    uint64_t first_id;        /* smallest id still held */
    struct mock_store *store; /* of the tokens that must not be shown; NULL: JWTs alone are known */
};

enum { MOCK_JOURNAL_SIZE = 1000, MOCK_JOURNAL_ENTRY_MAX = 24 * 1024 };

AUTH_MUST_CHECK enum auth_rc mock_journal_init(struct mock_journal *journal, size_t size);
void mock_journal_clear(struct mock_journal *journal);

/* Reserve the id that the next mock_journal_add() of this event must carry: the response header names it. */
uint64_t mock_journal_reserve(struct mock_journal *journal);
/* Keep the event under that id. When memory is short the event is dropped and the id stays empty. */
void mock_journal_add(struct mock_journal *journal, uint64_t id, const struct mock_journal_event *event);
/* Forget all entries; ids go on. */
void mock_journal_empty(struct mock_journal *journal);

struct mock_journal_filter {
    int kind; /* enum mock_journal_kind, or -1 */
    struct auth_view client_id;
    int status;   /* 0: any */
    size_t limit; /* newest first */
};
/* Write the matching entries as an array, newest first. Nobody who adds one waits for it. */
void mock_journal_write(struct mock_journal *journal, const struct mock_journal_filter *filter,
                        struct auth_json_writer *w);
/* Write one entry. rc AUTH_E_NOT_FOUND (never there, or already overwritten) */
AUTH_MUST_CHECK enum auth_rc mock_journal_write_one(struct mock_journal *journal, uint64_t id,
                                                    struct auth_json_writer *w);

const char *mock_journal_kind_text(enum mock_journal_kind kind);
/* -1 when unknown. */
int mock_journal_kind_find(struct auth_view name);

#endif
