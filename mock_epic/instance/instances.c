/* The table of named instances. */
#include "mock_epic/instance/instances.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/hash.h"
#include "auth/core/text.h"
#include "mock_epic/state/tokens.h"

/* What is chained; it holds a reference. */
struct slot {
    struct mock_node node; /* first */
    struct mock_instance *instance;
};

static uint64_t hash_of_name(struct auth_view name)
{
    uint64_t hash = auth_hash(AUTH_HASH_START, name);
    return hash ^ hash >> 32;
}

static struct mock_instance *instance_at(struct mock_node **link)
{
    return ((struct slot *)*link)->instance;
}

static uint64_t hash_of(const struct mock_node *node)
{
    return hash_of_name(auth_view_from_string(((const struct slot *)node)->instance->name));
}

void mock_instances_init(struct mock_instances *instances, struct mock_instance *main)
{
    *instances = (struct mock_instances){.main = main};
    pthread_mutex_init(&instances->lock, NULL);
    main->instances = instances;
}

void mock_instances_clear(struct mock_instances *instances)
{
    size_t count = 0;
    if (!instances->main)
        return;
    for (size_t i = 0; i < instances->table.bucket_count; i++) {
        for (struct mock_node *node = *mock_table_bucket(&instances->table, i), *next; node; node = next, count++) {
            next = node->next;
            mock_instances_release(((struct slot *)node)->instance);
            free(node);
        }
    }
    mock_table_clear(&instances->table);
    pthread_mutex_destroy(&instances->lock);
    instances->main->instances = NULL;
    *instances = (struct mock_instances){.main = NULL};
}

/* ---- finding; the lock is held ---- */

/* The link to the slot of that name, or to the NULL where it would be; NULL when nothing was ever added. */
static struct mock_node **find(const struct mock_instances *instances, struct auth_view name)
{
    if (instances->table.bucket_count == 0)
        return NULL;
    struct mock_node **link = mock_table_chain(&instances->table, hash_of_name(name));
    while (*link && !auth_view_equals(name, instance_at(link)->name))
        link = &(*link)->next;
    return link;
}

static struct mock_instance *hold(struct mock_instance *instance)
{
    atomic_fetch_add(&instance->references, 1);
    return instance;
}

/* ---- finding ---- */

struct mock_instance *mock_instances_acquire(struct mock_instances *instances, struct auth_view name)
{
    pthread_mutex_lock(&instances->lock);
    struct mock_node **link = find(instances, name);
    struct mock_instance *instance = link && *link ? hold(instance_at(link)) : NULL;
    pthread_mutex_unlock(&instances->lock);
    return instance;
}

void mock_instances_release(struct mock_instance *instance)
{
    if (!instance || !instance->name || atomic_fetch_sub(&instance->references, 1) > 1)
        return;
    mock_instance_clear(instance);
    free(instance);
}

static int by_name(const void *a, const void *b)
{
    const struct mock_instance *x = *(struct mock_instance *const *)a, *y = *(struct mock_instance *const *)b;
    return strcmp(x->name, y->name);
}

struct mock_instance **mock_instances_hold_all(struct mock_instances *instances, size_t *count)
{
    pthread_mutex_lock(&instances->lock);
    struct mock_instance **all = malloc((instances->table.count + 1) * sizeof(struct mock_instance *));
    *count = 0;
    for (size_t i = 0; all && i < instances->table.bucket_count; i++) {
        for (struct mock_node **link = mock_table_bucket(&instances->table, i); *link; link = &(*link)->next)
            all[(*count)++] = hold(instance_at(link));
    }
    pthread_mutex_unlock(&instances->lock);
    if (all)
        qsort(all, *count, sizeof *all, by_name);
    return all;
}

void mock_instances_release_all(struct mock_instance **all, size_t count)
{
    for (size_t i = 0; all && i < count; i++)
        mock_instances_release(all[i]);
    free(all);
}

/* ---- making ---- */

static bool is_name(struct auth_view name)
{
    return name.n >= 1 && name.n <= MOCK_INSTANCE_NAME_MAX && auth_text_is_of(AUTH_TEXT_UNRESERVED, name) &&
           !auth_view_equals(name, ".") && !auth_view_equals(name, "..");
}

static enum auth_rc check_name(struct mock_instances *instances, struct auth_view name, struct auth_err *err)
{
    if (!is_name(name))
        return auth_err_set(err, AUTH_E_ARG,
                            "name: 1 to %d of letters, digits and . _ ~ - are needed, and neither \".\" nor \"..\"",
                            MOCK_INSTANCE_NAME_MAX);
    pthread_mutex_lock(&instances->lock);
    struct mock_node **link = find(instances, name);
    bool is_taken = link && *link;
    pthread_mutex_unlock(&instances->lock);
    return is_taken ? auth_err_set(err, AUTH_E_EXISTS, "an instance named %.*s is there already", (int)name.n, name.p)
                    : AUTH_OK;
}

/* A name that nobody has: "i1", "i2" ... */
static void make_up_name(struct mock_instances *instances, struct auth_buf *name)
{
    bool is_taken = true;
    pthread_mutex_lock(&instances->lock);
    while (is_taken) {
        auth_buf_reset(name);
        auth_buf_addf(name, "i%llu", ++instances->made);
        struct mock_node **link = find(instances, auth_buf_view(name));
        is_taken = link && *link;
    }
    pthread_mutex_unlock(&instances->lock);
}

/* Its clock and apps, as the server started or as was wished. */
static enum auth_rc furnish(struct mock_instance *made, struct mock_instance *main,
                            const struct mock_instance_wish *wish, struct auth_err *err)
{
    mock_clock_reset(&made->clock, &main->start);
    const int64_t *at_s = wish->at_s ? wish->at_s : main->has_start_at ? &main->start_at_s : NULL;
    if (at_s && !mock_clock_set(&made->clock, *at_s))
        return AUTH_E_ARG;
    enum auth_rc rc = wish->furnish ? wish->furnish(wish->ctx, made, err) : AUTH_OK;
    if (rc == AUTH_OK)
        rc = mock_apps_copy_own(wish->apps ? wish->apps : &main->start_apps, &made->apps,
                                mock_clock_now_s(&made->clock));
    return rc == AUTH_OK ? mock_instance_mark_start(made) : rc;
}

static enum auth_rc make(struct mock_instances *instances, const struct mock_instance_wish *wish, struct auth_view name,
                         struct mock_instance **out, struct auth_err *err)
{
    struct mock_instance *main = instances->main;
    struct mock_options options = main->options;
    struct mock_instance *made = calloc(1, sizeof *made);
    struct auth_buf url;
    if (!made)
        return auth_err_no_memory(err);
    auth_buf_init(&url, 4096);
    auth_buf_addf(&url, "%s/i/%.*s", main->public_url, (int)name.n, name.p);
    enum auth_rc rc = auth_buf_check(&url, err);
    options.public_url = url.n ? url.p : "";
    options.profile = wish->profile ? wish->profile : &main->profile;
    options.shared = mock_shared_hold(main->shared);
    struct mock_fhir *fhir = mock_instance_fhir(main);
    options.fhir = fhir ? mock_fhir_hold(mock_fhir_root(fhir)) : NULL;
    mock_fhir_release(fhir);
    options.store = NULL;
    options.jwks_http = NULL;
    options.name = name;
    options.parent = &main->account;
    if (wish->seed) {
        options.has_seed = true;
        options.seed = *wish->seed;
    }
    if (rc == AUTH_OK) {
        rc = mock_instance_init(made, &options, err);
        if (rc == AUTH_OK) {
            made->instances = instances;
            rc = furnish(made, main, wish, err);
        }
        if (rc != AUTH_OK && made->name)
            mock_instance_clear(made);
    }
    auth_buf_clear(&url);
    if (rc == AUTH_OK)
        *out = made;
    else
        free(made);
    return rc;
}

/* Put it where it is found. The slot takes a reference. */
static enum auth_rc add(struct mock_instances *instances, struct mock_instance *made)
{
    struct slot *slot = malloc(sizeof *slot);
    enum auth_rc rc = slot ? AUTH_OK : AUTH_E_NOMEM;
    pthread_mutex_lock(&instances->lock);
    if (rc == AUTH_OK && instances->table.bucket_count == 0)
        rc = mock_table_init(&instances->table, hash_of);
    if (rc == AUTH_OK && *find(instances, auth_view_from_string(made->name)))
        rc = AUTH_E_EXISTS;
    if (rc == AUTH_OK && instances->table.count >= MOCK_INSTANCES_MAX)
        rc = AUTH_E_TOO_BIG;
    if (rc == AUTH_OK) {
        slot->instance = hold(made);
        mock_table_add(&instances->table, &slot->node);
    }
    pthread_mutex_unlock(&instances->lock);
    if (rc != AUTH_OK)
        free(slot);
    return rc;
}

enum auth_rc mock_instances_make(struct mock_instances *instances, const struct mock_instance_wish *wish,
                                 struct mock_instance **made, struct auth_err *err)
{
    struct auth_buf made_up;
    struct auth_view name = wish->name;
    struct mock_instance *instance = NULL;
    enum auth_rc rc = AUTH_OK;
    *made = NULL;
    auth_buf_init(&made_up, MOCK_INSTANCE_NAME_MAX);
    if (name.n == 0) {
        make_up_name(instances, &made_up);
        name = auth_buf_view(&made_up);
        rc = auth_buf_check(&made_up, err);
    }
    if (rc == AUTH_OK)
        rc = check_name(instances, name, err);
    if (rc == AUTH_OK)
        rc = make(instances, wish, name, &instance, err);
    if (instance) {
        rc = add(instances, instance);
        if (rc == AUTH_OK)
            *made = instance;
        else
            mock_instances_release(instance);
        if (rc == AUTH_E_EXISTS)
            auth_err_set(err, rc, "an instance named %.*s is there already", (int)name.n, name.p);
        else if (rc == AUTH_E_TOO_BIG)
            auth_err_set(err, rc, "there are %d instances, as many as may be; remove some first", MOCK_INSTANCES_MAX);
    }
    auth_buf_clear(&made_up);
    return rc;
}

bool mock_instances_remove(struct mock_instances *instances, struct auth_view name)
{
    struct mock_instance *gone = NULL;
    struct mock_node *slot = NULL;
    pthread_mutex_lock(&instances->lock);
    struct mock_node **link = find(instances, name);
    if (link && *link) {
        slot = *link;
        gone = instance_at(link);
        mock_table_remove(&instances->table, link);
        (void)mock_table_shrink(&instances->table, 2);
    }
    pthread_mutex_unlock(&instances->lock);
    if (gone)
        mock_instance_wake(gone);
    free(slot);
    mock_instances_release(gone);
    return gone != NULL;
}

/* ---- all of them ---- */

void mock_instances_write_owner(struct mock_instances *instances, const struct mock_instance *asked,
                                struct auth_view token, struct auth_buf *out)
{
    struct mock_token found;
    size_t count = 0;
    if (asked != instances->main && mock_tokens_find(instances->main->store, token, &found) == AUTH_OK) {
        auth_buf_add_string(out, "the main instance");
        return;
    }
    struct mock_instance **all = mock_instances_hold_all(instances, &count);
    for (size_t i = 0; all && i < count && !out->n; i++) {
        if (all[i] != asked && mock_tokens_find(all[i]->store, token, &found) == AUTH_OK)
            auth_buf_addf(out, "instance %s", all[i]->name);
    }
    mock_instances_release_all(all, count);
}

static void each(struct mock_instances *instances, void (*act)(struct mock_instance *instance))
{
    size_t count = 0;
    struct mock_instance **all = mock_instances_hold_all(instances, &count);
    act(instances->main);
    for (size_t i = 0; all && i < count; i++)
        act(all[i]);
    mock_instances_release_all(all, count);
}

void mock_instances_sweep(struct mock_instances *instances)
{
    each(instances, mock_instance_sweep);
}

static void stop_fetching(struct mock_instance *instance)
{
    mock_jwks_fetcher_stop(instance->fetcher);
}

void mock_instances_stop(struct mock_instances *instances)
{
    mock_waiters_stop(&instances->main->shared->waiters);
    each(instances, stop_fetching);
}
