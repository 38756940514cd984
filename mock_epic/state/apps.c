/* The table of registered apps. */
#include "mock_epic/state/apps.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/hash.h"
#include "mock_epic/state/app_json.h"

/* An app may be in several tables, so what is chained is not the app itself. */
struct slot {
    struct mock_node node; /* first */
    struct mock_app *app;
};

static uint64_t hash_of_id(struct auth_view id)
{
    uint64_t hash = auth_hash(AUTH_HASH_START, id);
    return hash ^ hash >> 32;
}

static uint64_t hash_of(const struct mock_node *node)
{
    return hash_of_id(auth_view_from_string(((const struct slot *)node)->app->client_id));
}

static struct mock_app *app_at(struct mock_node **link)
{
    return ((struct slot *)*link)->app;
}

void mock_apps_init(struct mock_apps *apps)
{
    memset(apps, 0, sizeof *apps);
    apps->bytes_max = MOCK_APPS_BYTES_MAX;
    pthread_mutex_init(&apps->lock, NULL);
}

/* Drop every slot of a table that nobody else sees. */
static void clear_table(struct mock_table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct mock_node *node = *mock_table_bucket(table, i), *next; node; node = next) {
            next = node->next;
            mock_app_release(((struct slot *)node)->app);
            free(node);
        }
    }
    mock_table_clear(table);
}

void mock_apps_clear(struct mock_apps *apps)
{
    clear_table(&apps->table);
    pthread_mutex_destroy(&apps->lock);
    memset(apps, 0, sizeof *apps);
}

/* The link to the app's slot, or to the NULL where it would be; NULL when nothing was ever added. The lock is held. */
static struct mock_node **find(const struct mock_apps *apps, struct auth_view client_id)
{
    if (apps->table.bucket_count == 0)
        return NULL;
    struct mock_node **link = mock_table_chain(&apps->table, hash_of_id(client_id));
    while (*link && !auth_view_equals(client_id, app_at(link)->client_id))
        link = &(*link)->next;
    return link;
}

struct mock_app *mock_apps_acquire(struct mock_apps *apps, struct auth_view client_id)
{
    struct mock_app *app = NULL;
    pthread_mutex_lock(&apps->lock);
    struct mock_node **link = find(apps, client_id);
    if (link && *link) {
        app = app_at(link);
        (void)mock_app_hold(app);
    }
    pthread_mutex_unlock(&apps->lock);
    return app;
}

/* Takes the reference when it succeeds. */
static enum auth_rc add_slot(struct mock_table *table, struct mock_app *app)
{
    struct slot *slot = malloc(sizeof *slot);
    if (!slot || (table->bucket_count == 0 && mock_table_init(table, hash_of) != AUTH_OK)) {
        free(slot);
        return AUTH_E_NOMEM;
    }
    slot->app = app;
    mock_table_add(table, &slot->node);
    return AUTH_OK;
}

/* Put the app in; *gone is what to release in the end: the new one on failure, else the old one. The lock is held. */
static enum auth_rc put(struct mock_apps *apps, struct mock_app *app, enum mock_apps_put how, struct mock_app **gone)
{
    struct mock_node **link = find(apps, auth_view_from_string(app->client_id));
    struct mock_app *old = link && *link ? app_at(link) : NULL;
    size_t others = apps->bytes - (old ? old->bytes : 0);
    *gone = app;
    if (old && how == MOCK_APPS_ADD)
        return AUTH_E_EXISTS;
    if (app->bytes > apps->bytes_max - others)
        return AUTH_E_TOO_BIG;
    if (old)
        ((struct slot *)*link)->app = app;
    else if (add_slot(&apps->table, app) != AUTH_OK)
        return AUTH_E_NOMEM;
    apps->bytes = others + app->bytes;
    *gone = old;
    return AUTH_OK;
}

enum auth_rc mock_apps_put(struct mock_apps *apps, struct mock_app *app, enum mock_apps_put how, struct auth_err *err)
{
    struct mock_app *gone = NULL;
    pthread_mutex_lock(&apps->lock);
    enum auth_rc rc = put(apps, app, how, &gone);
    if (rc == AUTH_E_TOO_BIG)
        auth_err_set(err, rc, "the apps registered here would take more than %zu KiB together; remove some first",
                     apps->bytes_max / 1024);
    pthread_mutex_unlock(&apps->lock);
    mock_app_release(gone);
    return rc;
}

bool mock_apps_remove(struct mock_apps *apps, struct auth_view client_id)
{
    struct mock_app *gone = NULL;
    struct mock_node *slot = NULL;
    pthread_mutex_lock(&apps->lock);
    struct mock_node **link = find(apps, client_id);
    if (link && *link) {
        slot = *link;
        gone = app_at(link);
        mock_table_remove(&apps->table, link);
        (void)mock_table_shrink(&apps->table, 2);
        apps->bytes -= gone->bytes;
    }
    pthread_mutex_unlock(&apps->lock);
    free(slot);
    mock_app_release(gone);
    return gone != NULL;
}

/* ---- all of them ---- */

static int by_client_id(const void *a, const void *b)
{
    const struct mock_app *x = *(struct mock_app *const *)a, *y = *(struct mock_app *const *)b;
    return strcmp(x->client_id, y->client_id);
}

/* Every app with a reference, sorted, so that what is long is done outside the lock; release_all() it. NULL: no memory. */
static struct mock_app **hold_all(struct mock_apps *apps, size_t *count)
{
    pthread_mutex_lock(&apps->lock);
    struct mock_app **items = malloc((apps->table.count + 1) * sizeof *items);
    *count = 0;
    for (size_t i = 0; items && i < apps->table.bucket_count; i++) {
        for (struct mock_node **link = mock_table_bucket(&apps->table, i); *link; link = &(*link)->next) {
            items[(*count)++] = mock_app_hold(app_at(link));
        }
    }
    pthread_mutex_unlock(&apps->lock);
    if (items)
        qsort(items, *count, sizeof *items, by_client_id);
    return items;
}

static void release_all(struct mock_app **items, size_t count)
{
    for (size_t i = 0; items && i < count; i++)
        mock_app_release(items[i]);
    free(items);
}

/* Takes the items and their references in every case. */
static enum auth_rc replace_all(struct mock_apps *to, struct mock_app **items, size_t count)
{
    struct mock_table table = {0}, gone;
    size_t bytes = 0;
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; i < count; i++) {
        if (rc == AUTH_OK)
            rc = add_slot(&table, items[i]);
        if (rc == AUTH_OK)
            bytes += items[i]->bytes;
        else
            mock_app_release(items[i]);
    }
    free(items);
    gone = table;
    if (rc == AUTH_OK) {
        pthread_mutex_lock(&to->lock);
        gone = to->table;
        to->table = table;
        to->bytes = bytes;
        pthread_mutex_unlock(&to->lock);
    }
    clear_table(&gone);
    return rc;
}

enum auth_rc mock_apps_copy(struct mock_apps *from, struct mock_apps *to)
{
    size_t count = 0;
    struct mock_app **items = hold_all(from, &count);
    return items ? replace_all(to, items, count) : AUTH_E_NOMEM;
}

enum auth_rc mock_apps_copy_own(struct mock_apps *from, struct mock_apps *to, int64_t now_s)
{
    size_t count = 0;
    struct mock_app **items = hold_all(from, &count);
    enum auth_rc rc = items ? AUTH_OK : AUTH_E_NOMEM;
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        struct mock_app *own = NULL;
        rc = mock_app_own(items[i], now_s, &own);
        if (rc != AUTH_OK)
            continue;
        mock_app_release(items[i]);
        items[i] = own;
    }
    if (rc == AUTH_OK)
        return replace_all(to, items, count);
    release_all(items, count);
    return rc;
}

void mock_apps_forget_jwks(struct mock_apps *apps)
{
    pthread_mutex_lock(&apps->lock);
    for (size_t i = 0; i < apps->table.bucket_count; i++) {
        for (struct mock_node **link = mock_table_bucket(&apps->table, i); *link; link = &(*link)->next) {
            if (app_at(link)->fetched)
                mock_jwks_cache_forget(app_at(link)->fetched);
        }
    }
    pthread_mutex_unlock(&apps->lock);
}

void mock_apps_write_all(struct mock_apps *apps, struct auth_json_writer *w)
{
    size_t count = 0;
    struct mock_app **items = hold_all(apps, &count);
    if (!items)
        w->out->is_spoiled = true;
    auth_json_write_array(w);
    for (size_t i = 0; items && i < count; i++)
        mock_app_write(items[i], w);
    auth_json_write_end_array(w);
    release_all(items, count);
}
