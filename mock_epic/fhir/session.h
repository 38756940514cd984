/* Paging: what a next link stands for.
 *
 * A search that has more than one page keeps its query, counted, as a session; a link is a session and where in what is searched its
 * page begins, so a page costs the page, however much was found, and nothing is kept of it. The link carries that, and the time it
 * was given, under a keyed digest that names the client and the type too: so it can be asked again and gives the same page, it
 * cannot be made up, and why it opens nothing is known without remembering anything about it.
 *
 * With fhir=r4 a link carries its query and needs no session; there the order that a sorted search was put into is kept as one, for
 * its next pages, and made anew where it was evicted.
 *
 * Sessions belong to a client and are bounded per client, in number and bytes, and in bytes over all. Whoever keeps too many
 * loses his own oldest ones; nobody else's. Expired ones are freed by mock_sessions_sweep(). Threads safe. */
#ifndef MOCK_EPIC_FHIR_SESSION_H
#define MOCK_EPIC_FHIR_SESSION_H

#include <pthread.h>

#include "auth/core/env.h"
#include "auth/jose/digest.h"
#include "mock_epic/data/store.h"

struct mock_fhir_type;

/* Bounds of an instance; tests set smaller ones before the first search. */
struct mock_sessions_limits {
    size_t client_count; /* sessions of one client */
    size_t client_bytes;
    size_t bytes; /* of all clients together */
};
enum {
    MOCK_SESSIONS_CLIENT_COUNT = 1000,
    MOCK_SESSIONS_CLIENT_BYTES = 1024 * 1024,
    MOCK_SESSIONS_BYTES = 256 * 1024 * 1024
};

struct mock_session_client;

enum { MOCK_SESSION_GIVEN_N = 32 };

/* When the link to a page was given; page 0: to none. */
struct mock_given {
    uint32_t page;
    int64_t at_s;
};

/* One search. All but what is said to be under the lock never changes. */
struct mock_session {
    uint64_t number;
    const struct mock_fhir_type *type;
    struct mock_generation generation; /* of the data that was searched */
    char *self;                        /* the query of the search, for the self link */
    struct mock_extent extent;         /* of them */
    size_t page;                       /* matches a page, at least 1; 0: it is an order that is kept */
    uint32_t *matches;                 /* that order, or NULL */
    size_t match_count;
    size_t bytes; /* all of the above and the bookkeeping */
    /* under the lock of the sessions */
    unsigned references;
    struct mock_given given[MOCK_SESSION_GIVEN_N]; /* lately */
    size_t next_given;
    int64_t last_given_s;
    struct mock_session_client *client;
    struct mock_session *newer, *older; /* of the same client, by last use */
    struct mock_session *next;          /* in its bucket */
};

enum { MOCK_SESSION_BUCKETS = 256 };

struct mock_sessions {
    pthread_mutex_t lock;
    struct mock_sessions_limits limits;
    struct mock_session *buckets[MOCK_SESSION_BUCKETS];
    struct mock_session_client *clients[MOCK_SESSION_BUCKETS];
    uint64_t last_number;
    size_t count, bytes; /* kept now */
    bool has_secret, is_seeded;
    unsigned char secret[AUTH_SHA256_N]; /* under the digests; drawn with the first session */
    unsigned char seed[AUTH_SHA256_N];   /* seeded: what secrets follow from, one after the other */
};

void mock_sessions_init(struct mock_sessions *sessions);
/* From now on links can be repeated by whoever knows the seed. Before the first session only. */
void mock_sessions_seed(struct mock_sessions *sessions, const unsigned char seed[AUTH_SHA256_N]);
void mock_sessions_clear(struct mock_sessions *sessions);
/* Forget all; links given so far are unknown from now on. */
void mock_sessions_empty(struct mock_sessions *sessions);
/* Free the sessions whose last link died before now_s. In small steps: nobody waits for the whole. */
void mock_sessions_sweep(struct mock_sessions *sessions, int64_t now_s, int64_t lifetime_s);

/* Whose request it is, and when. */
struct mock_session_call {
    struct auth_view client_id;
    const struct mock_fhir_type *type;
    struct mock_generation generation; /* of the data that is asked */
    int64_t now_s, lifetime_s;
    const struct auth_env *env;
};

/* Keep a search; the one that the same client's same query made is found instead, if it was used lately.
 * in   self         borrowed, copied
 *      page         matches a page, at least 1
 * out  *session     with a reference for the caller: mock_session_release()
 * rc   AUTH_E_NOMEM; what the source of randomness answers */
AUTH_MUST_CHECK enum auth_rc mock_sessions_keep(struct mock_sessions *sessions, const struct mock_session_call *call,
                                                struct auth_view self, size_t page, struct mock_extent extent,
                                                struct mock_session **session);
/* Keep an order under all that it depends on, beside the data.
 * in   key      borrowed, copied
 *      matches  copied
 * rc   as mock_sessions_keep() */
AUTH_MUST_CHECK enum auth_rc mock_sessions_keep_order(struct mock_sessions *sessions,
                                                      const struct mock_session_call *call, struct auth_view key,
                                                      const uint32_t *matches, size_t match_count);
/* The order that the same client keeps under that key, with a reference for the caller; NULL: none, or not lately used. */
struct mock_session *mock_sessions_order(struct mock_sessions *sessions, const struct mock_session_call *call,
                                         struct auth_view key);

/* Which page: its number, counted from 0, and where it begins (mock_epic/fhir/page.h). */
struct mock_session_page {
    uint32_t page, position, number;
};

enum { MOCK_SESSION_ID_N = 80 };
/* The id of the link to a page that is not the first. It lives lifetime_s from now; one of those given lately is given again within
 * the first half of that, so that a page asked for twice is the same to the last byte.
 * rc  AUTH_E_CRYPTO, AUTH_E_NOMEM; AUTH_E_TOO_BIG: beyond the first 16,777,215 resources, which a link cannot name */
AUTH_MUST_CHECK enum auth_rc mock_sessions_link(struct mock_sessions *sessions, const struct mock_session_call *call,
                                                struct mock_session *session, struct mock_session_page page,
                                                char id[MOCK_SESSION_ID_N]);

enum mock_session_found {
    MOCK_SESSION_FOUND,
    MOCK_SESSION_UNKNOWN, /* never given by this server since it began or was reset, or not to this client for this type */
    MOCK_SESSION_EXPIRED,
    MOCK_SESSION_EVICTED, /* it would still live, but its client has made too many since */
    MOCK_SESSION_MOVED,   /* found, and the data has since lost the place where it goes on: the caller finds that */
    MOCK_SESSION_TROUBLE  /* no memory */
};
/* Open a link. out: *session with a reference and *page when found. */
enum mock_session_found mock_sessions_find(struct mock_sessions *sessions, const struct mock_session_call *call,
                                           struct auth_view id, struct mock_session **session,
                                           struct mock_session_page *page);
void mock_session_release(struct mock_sessions *sessions, struct mock_session *session); /* NULL is fine */

#endif
