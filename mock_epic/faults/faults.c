/* Lists by route and client, each in the order of creation. */
#include "mock_epic/faults/faults.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/hash.h"
#include "mock_epic/http/pattern.h"

static uint64_t mixed(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9U;
    value = (value ^ value >> 27) * 0x94d049bb133111ebU;
    return value ^ value >> 31;
}

static uint64_t hash_of(struct auth_view text)
{
    return mixed(auth_hash(AUTH_HASH_START, text));
}

/* ---- lists; the lock is held ---- */

static bool append(struct mock_fault_list *list, struct mock_fault *fault)
{
    struct mock_fault **items = auth_array_fit(list->items, list->count, &list->size, sizeof *items);
    if (!items)
        return false;
    list->items = items;
    list->items[list->count++] = fault;
    return true;
}

static void take_out(struct mock_fault_list *list, const struct mock_fault *fault)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] != fault)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

static void index_free(struct mock_fault_index *index)
{
    if (!index)
        return;
    free(index->anybody.items);
    for (size_t i = 0; i < MOCK_FAULT_BUCKETS; i++)
        free(index->by_client[i].items);
    free(index);
}

static bool is_for(const struct mock_fault *fault, int route)
{
    return fault->match.route == MOCK_ANY_ROUTE ? route != MOCK_ROUTE_ADMIN : fault->match.route == route;
}

static struct mock_fault_list *list_of(struct mock_fault_index *index, const struct mock_fault *fault)
{
    return fault->match.client_id.n ? &index->by_client[fault->client_hash % MOCK_FAULT_BUCKETS] : &index->anybody;
}

static bool add_to_route(struct mock_fault_index **index, struct mock_fault *fault)
{
    if (!*index)
        *index = calloc(1, sizeof **index);
    if (!*index || !append(list_of(*index, fault), fault))
        return false;
    (*index)->clients += fault->match.client_id.n > 0;
    return true;
}

static void remove_from_route(struct mock_fault_index **index, const struct mock_fault *fault)
{
    if (!*index)
        return;
    struct mock_fault_list *list = list_of(*index, fault);
    size_t before = list->count;
    take_out(list, fault);
    (*index)->clients -= fault->match.client_id.n > 0 ? before - list->count : 0;
}

static void remove_everywhere(struct mock_faults *faults, struct mock_fault *fault)
{
    for (int route = 0; route < MOCK_ROUTES; route++)
        remove_from_route(&faults->routes[route], fault);
    take_out(&faults->all, fault);
    atomic_store(&faults->count, faults->all.count);
    atomic_store(&fault->is_removed, true);
    faults->bytes -= fault->bytes;
}

/* ---- life ---- */

void mock_faults_init(struct mock_faults *faults, uint64_t seed)
{
    memset(faults, 0, sizeof *faults);
    pthread_mutex_init(&faults->lock, NULL);
    atomic_init(&faults->count, 0);
    faults->seed = seed;
}

void mock_faults_clear(struct mock_faults *faults)
{
    for (size_t i = 0; i < faults->all.count; i++)
        mock_fault_release(faults->all.items[i]);
    free(faults->all.items);
    for (int route = 0; route < MOCK_ROUTES; route++)
        index_free(faults->routes[route]);
    pthread_mutex_destroy(&faults->lock);
    memset(faults, 0, sizeof *faults);
}

/* Put a fault that has its id behind the others. The lock is held. */
static enum auth_rc insert(struct mock_faults *faults, struct mock_fault *fault)
{
    bool ok = true;
    if (!append(&faults->all, fault))
        return AUTH_E_NOMEM;
    faults->bytes += fault->bytes;
    for (int route = 0; route < MOCK_ROUTES && ok; route++)
        ok = !is_for(fault, route) || add_to_route(&faults->routes[route], fault);
    if (!ok)
        remove_everywhere(faults, fault);
    atomic_store(&faults->count, faults->all.count);
    return ok ? AUTH_OK : AUTH_E_NOMEM;
}

/* The lock is held. */
static enum auth_rc add(struct mock_faults *faults, struct mock_fault *fault, struct auth_err *err)
{
    if (faults->all.count >= MOCK_FAULTS_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "there are %d faults, as many as may be", MOCK_FAULTS_MAX);
    if (fault->bytes > MOCK_FAULTS_BYTES_MAX - faults->bytes)
        return auth_err_set(err, AUTH_E_TOO_BIG, "all faults together would take more than %d KiB",
                            MOCK_FAULTS_BYTES_MAX / 1024);
    fault->id = ++faults->last_id;
    fault->client_hash = hash_of(fault->match.client_id);
    return insert(faults, fault) == AUTH_OK ? AUTH_OK : auth_err_no_memory(err);
}

enum auth_rc mock_faults_add(struct mock_faults *faults, struct mock_fault *fault, struct auth_err *err)
{
    pthread_mutex_lock(&faults->lock);
    enum auth_rc rc = add(faults, fault, err);
    pthread_mutex_unlock(&faults->lock);
    if (rc != AUTH_OK)
        mock_fault_release(fault);
    return rc;
}

struct mock_fault *mock_faults_take(struct mock_faults *faults, uint64_t id)
{
    struct mock_fault *fault = NULL;
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->all.count && !fault; i++)
        fault = faults->all.items[i]->id == id ? faults->all.items[i] : NULL;
    if (fault)
        remove_everywhere(faults, fault);
    pthread_mutex_unlock(&faults->lock);
    return fault;
}

struct mock_fault *mock_faults_take_any(struct mock_faults *faults)
{
    struct mock_fault *fault = NULL;
    pthread_mutex_lock(&faults->lock);
    if (faults->all.count) {
        fault = faults->all.items[faults->all.count - 1];
        remove_everywhere(faults, fault);
    }
    pthread_mutex_unlock(&faults->lock);
    return fault;
}

/* ---- all of them at a moment ---- */

enum auth_rc mock_faults_save(struct mock_faults *faults, struct mock_faults_image *image)
{
    enum auth_rc rc = AUTH_OK;
    *image = (struct mock_faults_image){.bytes = 0};
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->all.count && rc == AUTH_OK; i++) {
        struct mock_fault *copy = mock_fault_copy(faults->all.items[i]);
        rc = copy && append(&image->list, copy) ? AUTH_OK : AUTH_E_NOMEM;
        if (rc != AUTH_OK)
            mock_fault_release(copy);
    }
    image->bytes = faults->bytes;
    pthread_mutex_unlock(&faults->lock);
    return rc;
}

void mock_faults_image_clear(struct mock_faults_image *image)
{
    for (size_t i = 0; i < image->list.count; i++)
        mock_fault_release(image->list.items[i]);
    free(image->list.items);
    *image = (struct mock_faults_image){.bytes = 0};
}

enum auth_rc mock_faults_load(struct mock_faults *fresh, const struct mock_faults_image *image)
{
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; i < image->list.count && rc == AUTH_OK; i++) {
        struct mock_fault *copy = mock_fault_copy(image->list.items[i]);
        rc = copy ? insert(fresh, copy) : AUTH_E_NOMEM;
        if (rc != AUTH_OK)
            mock_fault_release(copy);
        else
            fresh->last_id = copy->id;
    }
    return rc;
}

void mock_faults_exchange(struct mock_faults *faults, struct mock_faults *fresh)
{
    pthread_mutex_lock(&faults->lock);
    struct mock_fault_list all = faults->all;
    size_t bytes = faults->bytes;
    faults->all = fresh->all;
    faults->bytes = fresh->bytes;
    fresh->all = all;
    fresh->bytes = bytes;
    for (int route = 0; route < MOCK_ROUTES; route++) {
        struct mock_fault_index *index = faults->routes[route];
        faults->routes[route] = fresh->routes[route];
        fresh->routes[route] = index;
    }
    faults->last_id = fresh->last_id > faults->last_id ? fresh->last_id : faults->last_id;
    atomic_store(&faults->count, faults->all.count);
    atomic_store(&fresh->count, fresh->all.count);
    pthread_mutex_unlock(&faults->lock);
}

/* ---- matching ---- */

static bool fits(const struct mock_fault *fault, const struct mock_fault_facts *facts)
{
    const struct mock_fault_match *match = &fault->match;
    return (!match->method.n || auth_view_equals_view(match->method, facts->method)) &&
           (!match->client_id.n || auth_view_equals_view(match->client_id, facts->client_id)) &&
           (!match->path.n || mock_pattern_fits_path(match->path, facts->path));
}

/* From (seed, fault, count) alone: the same run draws the same. */
static bool draw(const struct mock_faults *faults, const struct mock_fault *fault)
{
    const double span = 9007199254740992.0; /* 2^53 */
    uint64_t value = mixed(mixed(mixed(faults->seed) + fault->id) + fault->count);
    return (double)(value >> 11) < fault->match.probability * span;
}

static bool is_due(const struct mock_faults *faults, const struct mock_fault *fault)
{
    const struct mock_fault_match *match = &fault->match;
    return (!match->nth || fault->count == (uint64_t)match->nth) &&
           (!match->every || fault->count % (uint64_t)match->every == 0) &&
           (!match->times || fault->hits < (uint64_t)match->times) && (match->probability >= 1 || draw(faults, fault));
}

/* Count it where it fits; *acting becomes the first that is due. */
static void consider(const struct mock_faults *faults, struct mock_fault *fault, const struct mock_fault_facts *facts,
                     struct mock_fault **acting)
{
    if (!fits(fault, facts))
        return;
    fault->count++;
    if (*acting || !is_due(faults, fault))
        return;
    fault->hits++;
    *acting = mock_fault_hold(fault);
}

uint64_t mock_faults_last_id(struct mock_faults *faults)
{
    pthread_mutex_lock(&faults->lock);
    uint64_t id = faults->last_id;
    pthread_mutex_unlock(&faults->lock);
    return id;
}

bool mock_faults_need_client(struct mock_faults *faults, enum mock_route route)
{
    if (atomic_load_explicit(&faults->count, memory_order_relaxed) == 0)
        return false;
    pthread_mutex_lock(&faults->lock);
    bool need = faults->routes[route] && faults->routes[route]->clients;
    pthread_mutex_unlock(&faults->lock);
    return need;
}

struct mock_fault *mock_faults_due(struct mock_faults *faults, const struct mock_fault_facts *facts)
{
    static const struct mock_fault_list none = {NULL, 0, 0};
    struct mock_fault *acting = NULL;
    if (atomic_load_explicit(&faults->count, memory_order_relaxed) == 0)
        return NULL;
    uint64_t hash = facts->client_id.n ? hash_of(facts->client_id) : 0;
    pthread_mutex_lock(&faults->lock);
    const struct mock_fault_index *index = faults->routes[facts->route];
    const struct mock_fault_list *anybody = index ? &index->anybody : &none;
    const struct mock_fault_list *theirs =
        index && facts->client_id.n ? &index->by_client[hash % MOCK_FAULT_BUCKETS] : &none;
    for (size_t a = 0, b = 0; a < anybody->count || b < theirs->count;) {
        bool is_first = b == theirs->count || (a < anybody->count && anybody->items[a]->id < theirs->items[b]->id);
        struct mock_fault *fault = is_first ? anybody->items[a++] : theirs->items[b++];
        if (is_first || fault->client_hash == hash)
            consider(faults, fault, facts, &acting);
    }
    pthread_mutex_unlock(&faults->lock);
    return acting;
}

void mock_faults_write(struct mock_faults *faults, struct auth_json_writer *w)
{
    auth_json_write_array(w);
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->all.count; i++)
        mock_fault_write(faults->all.items[i], w);
    pthread_mutex_unlock(&faults->lock);
    auth_json_write_end_array(w);
}
