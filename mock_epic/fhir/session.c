/* Paging sessions: kept by number, listed per client by last use, evicted within the client. */
#include "mock_epic/fhir/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/epic/types.h"

/* Who has sessions; made with the first, freed with the last. */
struct mock_session_client {
    struct mock_session_client *next; /* in its bucket */
    struct mock_session *newest, *oldest;
    size_t count, bytes;
    char id[]; /* NUL-terminated */
};

/* ---- the tables; the lock is held ---- */

static size_t client_bucket(struct auth_view id)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < id.n; i++)
        hash = (hash ^ (unsigned char)id.p[i]) * 16777619U;
    return hash % MOCK_SESSION_BUCKETS;
}

static struct mock_session_client **client_slot(struct mock_sessions *sessions, struct auth_view id)
{
    struct mock_session_client **slot = &sessions->clients[client_bucket(id)];
    while (*slot && !auth_view_equals(id, (*slot)->id))
        slot = &(*slot)->next;
    return slot;
}

static struct mock_session **session_slot(struct mock_sessions *sessions, uint64_t number)
{
    struct mock_session **slot = &sessions->buckets[number % MOCK_SESSION_BUCKETS];
    while (*slot && (*slot)->number != number)
        slot = &(*slot)->next;
    return slot;
}

static void list_remove(struct mock_session_client *client, struct mock_session *session)
{
    struct mock_session *newer = session->newer, *older = session->older;
    if (newer)
        newer->older = older;
    else
        client->newest = older;
    if (older)
        older->newer = newer;
    else
        client->oldest = newer;
    session->newer = session->older = NULL;
}

static void list_add(struct mock_session *session)
{
    struct mock_session_client *client = session->client;
    session->older = client->newest;
    *(client->newest ? &client->newest->newer : &client->oldest) = session;
    client->newest = session;
}

static void touch(struct mock_session *session)
{
    list_remove(session->client, session);
    list_add(session);
}

static void session_free(struct mock_session *session)
{
    free(session->self);
    free(session->matches);
    free(session);
}

/* Drop a reference; the last one puts the session on *dead, to be freed when the lock is released. */
static void release(struct mock_session *session, struct mock_session **dead)
{
    if (--session->references)
        return;
    session->next = *dead;
    *dead = session;
}

static void free_dead(struct mock_session *dead)
{
    while (dead) {
        struct mock_session *next = dead->next;
        session_free(dead);
        dead = next;
    }
}

static void forget(struct mock_sessions *sessions, struct mock_session_client *client, struct mock_session *session,
                   struct mock_session **dead)
{
    *session_slot(sessions, session->number) = session->next;
    list_remove(client, session);
    session->client = NULL;
    sessions->count--;
    sessions->bytes -= session->bytes;
    client->bytes -= session->bytes;
    client->count--;
    release(session, dead);
}

/* To be called when a session of a client was forgotten that may have been the last. */
static void drop_client_without_sessions(struct mock_sessions *sessions, struct mock_session_client *client)
{
    if (client->count > 0)
        return;
    *client_slot(sessions, auth_view_from_string(client->id)) = client->next;
    sessions->bytes -= sizeof *client + strlen(client->id) + 1;
    free(client);
}

/* ---- life ---- */

void mock_sessions_init(struct mock_sessions *sessions)
{
    memset(sessions, 0, sizeof *sessions);
    pthread_mutex_init(&sessions->lock, NULL);
    sessions->limits =
        (struct mock_sessions_limits){MOCK_SESSIONS_CLIENT_COUNT, MOCK_SESSIONS_CLIENT_BYTES, MOCK_SESSIONS_BYTES};
}

/* One bucket at a time: the lock is never held for more than a share of them. */
static void sweep_bucket(struct mock_sessions *sessions, size_t bucket, int64_t before_s)
{
    struct mock_session *dead = NULL;
    pthread_mutex_lock(&sessions->lock);
    for (struct mock_session *session = sessions->buckets[bucket], *next; session; session = next) {
        next = session->next;
        if (session->last_given_s <= before_s) {
            struct mock_session_client *client = session->client;
            forget(sessions, client, session, &dead);
            drop_client_without_sessions(sessions, client);
        }
    }
    pthread_mutex_unlock(&sessions->lock);
    free_dead(dead);
}

void mock_sessions_sweep(struct mock_sessions *sessions, int64_t now_s, int64_t lifetime_s)
{
    pthread_mutex_lock(&sessions->lock);
    bool has_some = sessions->count > 0; /* most instances of a busy server have none */
    pthread_mutex_unlock(&sessions->lock);
    for (size_t i = 0; has_some && i < MOCK_SESSION_BUCKETS; i++)
        sweep_bucket(sessions, i, now_s - lifetime_s);
}

void mock_sessions_empty(struct mock_sessions *sessions)
{
    pthread_mutex_lock(&sessions->lock);
    sessions->has_secret = false;
    pthread_mutex_unlock(&sessions->lock);
    for (size_t i = 0; i < MOCK_SESSION_BUCKETS; i++)
        sweep_bucket(sessions, i, INT64_MAX);
}

void mock_sessions_clear(struct mock_sessions *sessions)
{
    mock_sessions_empty(sessions);
    auth_wipe(sessions->secret, sizeof sessions->secret);
    auth_wipe(sessions->seed, sizeof sessions->seed);
    pthread_mutex_destroy(&sessions->lock);
}

void mock_session_release(struct mock_sessions *sessions, struct mock_session *session)
{
    struct mock_session *dead = NULL;
    if (!session)
        return;
    pthread_mutex_lock(&sessions->lock);
    release(session, &dead);
    pthread_mutex_unlock(&sessions->lock);
    free_dead(dead);
}

/* ---- links ---- */

/* What a link says, behind "<session>-", in 32 digits of hex as Epic's has (O): page, position, number and the low bits of the time
 * when it was given, 3 bytes each, and 4 bytes of digest. */
enum { FIELD_N = 3, FIELD_MAX = 0xffffff, SAID_N = 4 * FIELD_N, MAC_N = 4, LINK_N = SAID_N + MAC_N };

static void put_field(unsigned char *link, size_t field, uint64_t value)
{
    for (size_t i = FIELD_N; i-- > 0; value >>= 8)
        link[field * FIELD_N + i] = (unsigned char)(value & 0xff);
}

static uint32_t get_field(const unsigned char *link, size_t field)
{
    uint32_t value = 0;
    for (size_t i = 0; i < FIELD_N; i++)
        value = value << 8 | link[field * FIELD_N + i];
    return value;
}

/* Seconds since a link was given, but for whole 194 days, which it does not say; -1: it was given in the future, or long ago. */
static int64_t age_of(const unsigned char *link, int64_t now_s)
{
    uint64_t age = ((uint64_t)now_s - get_field(link, 3)) & FIELD_MAX;
    return age > FIELD_MAX / 2 ? -1 : (int64_t)age;
}

static enum auth_rc digest_link(const struct mock_sessions *sessions, const struct mock_session_call *call,
                                uint64_t number, const unsigned char link[LINK_N], unsigned char digest[AUTH_SHA256_N])
{
    const struct auth_view parts[] = {
        auth_view_bytes(sessions->secret, sizeof sessions->secret),
        auth_view_bytes(&number, sizeof number),
        auth_view_bytes(link, SAID_N),
        auth_view_from_string(call->type->name),
        auth_view_bytes("\0", 1),
        call->client_id,
    };
    return auth_digest_sha256(parts, sizeof parts / sizeof *parts, digest);
}

static enum auth_rc write_id(const struct mock_sessions *sessions, const struct mock_session_call *call,
                             uint64_t number, struct mock_session_page page, int64_t given_s,
                             char id[MOCK_SESSION_ID_N])
{
    unsigned char link[LINK_N], digest[AUTH_SHA256_N];
    struct auth_buf text;
    if (page.page > FIELD_MAX || page.position > FIELD_MAX || page.number > FIELD_MAX)
        return AUTH_E_TOO_BIG;
    put_field(link, 0, page.page);
    put_field(link, 1, page.position);
    put_field(link, 2, page.number);
    put_field(link, 3, (uint64_t)given_s);
    enum auth_rc rc = digest_link(sessions, call, number, link, digest);
    if (rc != AUTH_OK)
        return rc;
    memcpy(link + SAID_N, digest, MAC_N);
    auth_buf_init(&text, MOCK_SESSION_ID_N - 1);
    auth_buf_add_int(&text, (int64_t)number);
    auth_buf_add_char(&text, '-');
    auth_text_hex(&text, link, sizeof link, true);
    rc = auth_buf_check(&text, NULL);
    if (rc == AUTH_OK)
        memcpy(id, text.p, text.n + 1);
    auth_buf_clear(&text);
    return rc;
}

static bool read_id(struct auth_view id, uint64_t *number, unsigned char link[LINK_N])
{
    int64_t value;
    struct auth_view hex = id;
    if (!auth_view_int(auth_view_split(&hex, '-'), &value) || value < 1 || hex.n != (size_t)LINK_N * 2)
        return false;
    for (size_t i = 0; i < LINK_N; i++) {
        int high = auth_text_hex_value(hex.p[2 * i]), low = auth_text_hex_value(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        link[i] = (unsigned char)(high << 4 | low);
    }
    *number = (uint64_t)value;
    return true;
}

/* When the link to a page was given: lately, and then that is when it is given again; or now. */
static int64_t give(struct mock_session *session, uint32_t page, int64_t now_s, int64_t lifetime_s)
{
    struct mock_given *given = NULL;
    for (size_t i = 0; i < MOCK_SESSION_GIVEN_N && !given; i++)
        given = session->given[i].page == page ? &session->given[i] : NULL;
    if (given && given->at_s <= now_s && now_s - given->at_s < (lifetime_s + 1) / 2)
        return given->at_s;
    if (!given)
        given = &session->given[session->next_given++ % MOCK_SESSION_GIVEN_N];
    *given = (struct mock_given){page, now_s};
    return now_s;
}

enum auth_rc mock_sessions_link(struct mock_sessions *sessions, const struct mock_session_call *call,
                                struct mock_session *session, struct mock_session_page page, char id[MOCK_SESSION_ID_N])
{
    pthread_mutex_lock(&sessions->lock);
    int64_t given_s = give(session, page.page, call->now_s, call->lifetime_s);
    if (given_s > session->last_given_s)
        session->last_given_s = given_s;
    enum auth_rc rc = write_id(sessions, call, session->number, page, given_s, id);
    pthread_mutex_unlock(&sessions->lock);
    return rc;
}

enum mock_session_found mock_sessions_find(struct mock_sessions *sessions, const struct mock_session_call *call,
                                           struct auth_view id, struct mock_session **session,
                                           struct mock_session_page *page)
{
    unsigned char link[LINK_N], digest[AUTH_SHA256_N];
    uint64_t number;
    if (!read_id(id, &number, link))
        return MOCK_SESSION_UNKNOWN;
    enum mock_session_found found = MOCK_SESSION_UNKNOWN;
    int64_t age_s = age_of(link, call->now_s);
    pthread_mutex_lock(&sessions->lock);
    if (sessions->has_secret && digest_link(sessions, call, number, link, digest) != AUTH_OK) {
        found = MOCK_SESSION_TROUBLE;
    } else if (sessions->has_secret && memcmp(link + SAID_N, digest, MAC_N) == 0) {
        struct mock_session *there = *session_slot(sessions, number);
        if (there && there->generation.lineage && there->generation.lineage != call->generation.lineage)
            there = NULL; /* its numbers mean other resources now, or none */
        if (there && call->now_s - there->last_given_s > age_s)
            age_s = call->now_s - there->last_given_s; /* none of its links is younger */
        found = age_s >= call->lifetime_s || (!there && age_s < 0) ? MOCK_SESSION_EXPIRED
                : there                                            ? MOCK_SESSION_FOUND
                                                                   : MOCK_SESSION_EVICTED;
        if (found == MOCK_SESSION_FOUND) {
            there->references++;
            touch(there);
            *session = there;
            *page = (struct mock_session_page){get_field(link, 0), get_field(link, 1), get_field(link, 2)};
        }
    }
    pthread_mutex_unlock(&sessions->lock);
    return found;
}

/* ---- keeping ---- */

/* matches: of an order, copied; or NULL */
static struct mock_session *session_new(const struct mock_session_call *call, struct auth_view self, size_t page,
                                        const uint32_t *matches, size_t match_count)
{
    struct mock_session *session = calloc(1, sizeof *session);
    if (!session)
        return NULL;
    session->self = auth_view_dup(self);
    session->matches = matches ? malloc((match_count + 1) * sizeof *matches) : NULL;
    if (!session->self || (matches && !session->matches)) {
        session_free(session);
        return NULL;
    }
    if (matches)
        memcpy(session->matches, matches, match_count * sizeof *matches);
    session->type = call->type;
    session->generation = call->generation;
    session->match_count = match_count;
    session->page = page;
    session->last_given_s = call->now_s;
    session->bytes = sizeof *session + self.n + 1 + match_count * sizeof *matches;
    return session;
}

static bool is_same(const struct mock_session *session, const struct mock_session_call *call, struct auth_view self,
                    size_t page)
{
    return session->type == call->type && session->generation.number == call->generation.number &&
           session->page == page && auth_view_equals(self, session->self);
}

/* Only among the last ones used: a search that is asked for again is mostly asked for soon. */
static struct mock_session *find_same(struct mock_sessions *sessions, const struct mock_session_call *call,
                                      struct auth_view self, size_t page)
{
    enum { LOOKED_AT = 16 };
    struct mock_session_client *client = *client_slot(sessions, call->client_id);
    struct mock_session *session = client ? client->newest : NULL;
    for (int i = 0; session && i < LOOKED_AT; i++, session = session->older) {
        if (is_same(session, call, self, page)) {
            session->references++;
            touch(session);
            return session;
        }
    }
    return NULL;
}

void mock_sessions_seed(struct mock_sessions *sessions, const unsigned char seed[AUTH_SHA256_N])
{
    sessions->is_seeded = true;
    memcpy(sessions->seed, seed, sizeof sessions->seed);
}

/* Each secret is the digest of the one before, so that a reset still makes the links before it unknown. */
static enum auth_rc draw_seeded(struct mock_sessions *sessions)
{
    const struct auth_view parts[] = {auth_view_bytes(sessions->seed, sizeof sessions->seed)};
    enum auth_rc rc = auth_digest_sha256(parts, 1, sessions->secret);
    if (rc == AUTH_OK)
        memcpy(sessions->seed, sessions->secret, sizeof sessions->seed);
    return rc;
}

static enum auth_rc draw_secret(struct mock_sessions *sessions, const struct auth_env *env)
{
    if (sessions->has_secret)
        return AUTH_OK;
    enum auth_rc rc =
        sessions->is_seeded ? draw_seeded(sessions) : env->random(env->ctx, sessions->secret, sizeof sessions->secret);
    sessions->has_secret = rc == AUTH_OK;
    return rc;
}

static struct mock_session_client *client_of(struct mock_sessions *sessions, struct auth_view id)
{
    struct mock_session_client **slot = client_slot(sessions, id);
    if (*slot)
        return *slot;
    struct mock_session_client *client = calloc(1, sizeof *client + id.n + 1);
    if (!client)
        return NULL;
    if (id.n)
        memcpy(client->id, id.p, id.n);
    sessions->bytes += sizeof *client + id.n + 1;
    *slot = client;
    return client;
}

/* The client that holds most, of those who hold more than `kept`. */
static struct mock_session_client *largest_client(const struct mock_sessions *sessions, const struct mock_session *kept)
{
    struct mock_session_client *largest = NULL;
    for (size_t i = 0; i < MOCK_SESSION_BUCKETS; i++) {
        for (struct mock_session_client *client = sessions->clients[i]; client; client = client->next) {
            if (client->oldest != kept && (!largest || client->bytes > largest->bytes))
                largest = client;
        }
    }
    return largest;
}

/* Make room after `kept` was added. The client's own oldest go first; only when all clients together hold too much, the
 * oldest of the one that holds most. */
static void evict(struct mock_sessions *sessions, const struct mock_session *kept, struct mock_session **dead)
{
    struct mock_session_client *client = kept->client;
    const struct mock_sessions_limits *limits = &sessions->limits;
    for (struct mock_session *oldest; client->count > limits->client_count || client->bytes > limits->client_bytes;) {
        oldest = client->oldest;
        if (!oldest || oldest == kept)
            break;
        forget(sessions, client, oldest, dead);
    }
    for (struct mock_session_client *largest; sessions->bytes > limits->bytes;) {
        largest = largest_client(sessions, kept);
        if (!largest || !largest->oldest)
            break;
        forget(sessions, largest, largest->oldest, dead);
        drop_client_without_sessions(sessions, largest);
    }
}

static enum auth_rc add(struct mock_sessions *sessions, const struct mock_session_call *call,
                        struct mock_session *fresh)
{
    struct mock_session_client *client = client_of(sessions, call->client_id);
    if (!client)
        return AUTH_E_NOMEM;
    fresh->number = ++sessions->last_number;
    fresh->references = 2; /* the table's and the caller's */
    fresh->client = client;
    client->count++;
    client->bytes += fresh->bytes;
    sessions->count++;
    sessions->bytes += fresh->bytes;
    struct mock_session **bucket = &sessions->buckets[fresh->number % MOCK_SESSION_BUCKETS];
    fresh->next = *bucket;
    *bucket = fresh;
    list_add(fresh);
    return AUTH_OK;
}

/* The one that is the same, or the fresh one, which is taken in every case; with a reference for the caller. */
static enum auth_rc keep(struct mock_sessions *sessions, const struct mock_session_call *call,
                         struct mock_session *fresh, struct mock_session **session)
{
    struct mock_session *dead = NULL;
    if (!fresh)
        return AUTH_E_NOMEM;
    pthread_mutex_lock(&sessions->lock);
    enum auth_rc rc = draw_secret(sessions, call->env);
    struct mock_session *same =
        rc == AUTH_OK ? find_same(sessions, call, auth_view_from_string(fresh->self), fresh->page) : NULL;
    if (rc == AUTH_OK && !same)
        rc = add(sessions, call, fresh);
    if (rc == AUTH_OK && !same)
        evict(sessions, fresh, &dead);
    *session = rc != AUTH_OK ? NULL : same ? same : fresh;
    pthread_mutex_unlock(&sessions->lock);
    if (rc != AUTH_OK || same)
        session_free(fresh);
    free_dead(dead);
    return rc;
}

enum auth_rc mock_sessions_keep(struct mock_sessions *sessions, const struct mock_session_call *call,
                                struct auth_view self, size_t page, struct mock_extent extent,
                                struct mock_session **session)
{
    struct mock_session *fresh = session_new(call, self, page, NULL, 0);
    if (fresh)
        fresh->extent = extent;
    return keep(sessions, call, fresh, session);
}

enum auth_rc mock_sessions_keep_order(struct mock_sessions *sessions, const struct mock_session_call *call,
                                      struct auth_view key, const uint32_t *matches, size_t match_count)
{
    struct mock_session *session = NULL;
    enum auth_rc rc = keep(sessions, call, session_new(call, key, 0, matches, match_count), &session);
    mock_session_release(sessions, session);
    return rc;
}

struct mock_session *mock_sessions_order(struct mock_sessions *sessions, const struct mock_session_call *call,
                                         struct auth_view key)
{
    pthread_mutex_lock(&sessions->lock);
    struct mock_session *session = find_same(sessions, call, key, 0);
    pthread_mutex_unlock(&sessions->lock);
    return session;
}
