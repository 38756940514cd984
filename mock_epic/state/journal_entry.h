/* One entry of the journal: the event that it is made of, how it is kept, how it is shown. */
#ifndef MOCK_EPIC_STATE_JOURNAL_ENTRY_H
#define MOCK_EPIC_STATE_JOURNAL_ENTRY_H

#include <stdatomic.h>

#include "auth/core/json.h"
#include "auth/rules/rules.h"
#include "mock_epic/http/message.h"
#include "mock_epic/http/wait.h"
#include "mock_epic/store/store.h"

enum mock_journal_kind {
    MOCK_JOURNAL_TOKEN,
    MOCK_JOURNAL_FHIR,
    MOCK_JOURNAL_BULK,
    MOCK_JOURNAL_JWKS,
    MOCK_JOURNAL_ADMIN,
    MOCK_JOURNAL_OTHER
};

/* What an admin call did to time or to tokens, for whoever draws a run. */
enum mock_journal_change {
    MOCK_CHANGE_NONE,
    MOCK_CHANGE_CLOCK,   /* server time moved by seconds */
    MOCK_CHANGE_AGED,    /* tokens became older by seconds: of client_id, or all */
    MOCK_CHANGE_REVOKED, /* tokens are gone: the one of `token`, those of client_id, or all */
    MOCK_CHANGE_SAVED,   /* a snapshot was taken */
    MOCK_CHANGE_RESTORED /* and brought back: tokens after number `token` are gone */
};

/* One thing that happened. Views are borrowed; mock_journal_add() copies what it keeps. */
struct mock_journal_event {
    enum mock_journal_kind kind;
    enum mock_route route;
    int64_t time_us; /* server clock */
    int64_t real_us; /* real time */
    struct auth_view method;
    struct auth_view target;    /* path and, for FHIR, query; cut to 512 bytes */
    struct auth_view authority; /* of the server as its client calls it: Host */
    struct auth_view client_id;
    int status;
    struct auth_view error;                  /* OAuth error or another short code; empty when none */
    struct auth_view search;                 /* kind fhir: what became of a search's parameters, JSON; or empty */
    struct auth_view note;                   /* one line more, e.g. why a fetch failed */
    uint64_t token;                          /* number of the token that was issued, or used; 0: none */
    uint64_t fault;                          /* id of the fault that acted; 0: none */
    unsigned hints;                          /* of the response */
    unsigned step;                           /* of a scenario, which did this; 0: none */
    bool is_issued;                          /* kind token: outcome */
    int64_t lifetime_s, told_s;              /* of an issued token: how long it lives, and what was said of that */
    enum mock_journal_change change;         /* kind admin */
    int64_t by_s;                            /* of a change */
    const struct auth_report *report;        /* kind token; NULL for others */
    struct auth_view jwt_header, jwt_claims; /* decoded JSON text; empty when unreadable */
};

/* An event of a request that is under way: its kind, route, times, method, target (the path) and authority; status is the
 * answer's so far. */
struct mock_journal_event mock_journal_event_of(enum mock_journal_kind kind, const struct mock_request *request,
                                                const struct mock_wait *wait, int status);

const char *mock_journal_kind_text(enum mock_journal_kind kind);
/* -1 when unknown. */
int mock_journal_kind_find(struct auth_view name);

enum { MOCK_JOURNAL_ENTRY_MAX = 24 * 1024 }; /* bytes, the largest */

struct mock_journal_filter {
    int kind; /* enum mock_journal_kind, or -1 */
    struct auth_view client_id;
    int status;     /* 0: any */
    size_t limit;   /* how many at most */
    bool has_after; /* those with a greater id than `after`, oldest first; else all, newest first */
    uint64_t after;
};

/* The texts that are kept of an event, in this order. */
enum mock_journal_text {
    MOCK_JOURNAL_METHOD,
    MOCK_JOURNAL_TARGET,
    MOCK_JOURNAL_AUTHORITY,
    MOCK_JOURNAL_CLIENT,
    MOCK_JOURNAL_ERROR,
    MOCK_JOURNAL_NOTE,
    MOCK_JOURNAL_SEARCH,
    MOCK_JOURNAL_HEADER,
    MOCK_JOURNAL_CLAIMS,
    MOCK_JOURNAL_TEXTS
};

/* Written once, then only read. The report and then the texts, in their order, live behind the struct in one allocation. */
struct mock_journal_entry {
    atomic_uint references; /* the ring's, and those of who is writing it down */
    size_t size;            /* bytes allocated */
    uint64_t id, token, fault;
    int64_t time_us, real_us;
    int64_t lifetime_s, told_s, by_s; /* as in the event */
    int status;
    unsigned hints;
    uint8_t kind, route, step, change;
    bool is_issued, has_report;
    bool is_foreign; /* the client called the server by another name or port than it gives out */
    uint16_t text_n[MOCK_JOURNAL_TEXTS];
    char *text; /* behind the report, which is directly behind this struct */
};

/* The event, masked, with one reference for the caller. old: whose memory may be used again; taken in every case, may be NULL.
 * NULL when there is no memory. */
struct mock_journal_entry *mock_journal_entry_new(struct mock_store *store, struct mock_journal_entry *old, uint64_t id,
                                                  const struct mock_journal_event *event);
void mock_journal_entry_release(struct mock_journal_entry *entry); /* NULL is fine */
/* Why a token request was refused, on one line; nothing is added where it was not. */
void mock_journal_entry_reason(const struct mock_journal_entry *entry, struct auth_buf *out);
const char *mock_journal_change_text(enum mock_journal_change change); /* "aged"; NULL: none */
/* One of its texts; borrowed. */
struct auth_view mock_journal_entry_text(const struct mock_journal_entry *entry, enum mock_journal_text which);
bool mock_journal_entry_matches(const struct mock_journal_entry *entry, const struct mock_journal_filter *filter);
/* Is it that of a token, issued for a JWT of exactly these claims (JSON text)? */
bool mock_journal_entry_is_issued_for(const struct mock_journal_entry *entry, struct auth_view claims);
void mock_journal_entry_write(const struct mock_journal_entry *entry, struct auth_json_writer *w);
/* Append it as a line for people, without its end: "17  14:13:20.125  GET /.../Patient/a  401  t3: the token expired". */
void mock_journal_entry_line(const struct mock_journal_entry *entry, struct auth_buf *out);

#endif
