/* Named states of an instance: taken, brought back, counted. */
#include "mock_epic/instance/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/data/data.h"
#include "mock_epic/store/image.h"

struct mock_snapshot {
    struct mock_snapshot *next; /* by name */
    char *name;
    struct mock_clock_state clock;
    struct mock_apps apps, published;
    struct mock_store_image tokens, jti;
    struct mock_faults_image faults;
    struct mock_fhir *fhir;
    struct mock_access_set *access;
    uint64_t last_token;
    size_t bytes;
};

static void snapshot_free(struct mock_snapshot *snapshot)
{
    if (!snapshot)
        return;
    free(snapshot->name);
    mock_apps_clear(&snapshot->apps);
    mock_apps_clear(&snapshot->published);
    mock_store_image_clear(&snapshot->tokens);
    mock_store_image_clear(&snapshot->jti);
    mock_faults_image_clear(&snapshot->faults);
    mock_fhir_release(snapshot->fhir);
    mock_access_set_release(snapshot->access);
    free(snapshot);
}

void mock_snapshots_init(struct mock_snapshots *snapshots)
{
    *snapshots = (struct mock_snapshots){.first = NULL};
    pthread_mutex_init(&snapshots->lock, NULL);
}

void mock_snapshots_clear(struct mock_snapshots *snapshots)
{
    for (struct mock_snapshot *snapshot = snapshots->first, *next; snapshot; snapshot = next) {
        next = snapshot->next;
        snapshot_free(snapshot);
    }
    pthread_mutex_destroy(&snapshots->lock);
}

/* The link to the snapshot of that name, or to where it would be. The lock is held. */
static struct mock_snapshot **find(struct mock_snapshots *snapshots, struct auth_view name)
{
    struct mock_snapshot **link = &snapshots->first;
    for (; *link; link = &(*link)->next) {
        size_t n = strlen((*link)->name);
        int order = memcmp((*link)->name, name.p, n < name.n ? n : name.n);
        if (order > 0 || (order == 0 && n >= name.n))
            break;
    }
    return link;
}

static bool is_there(struct mock_snapshot *const *link, struct auth_view name)
{
    return *link && auth_view_equals(name, (*link)->name);
}

/* ---- taking ---- */

static enum auth_rc check_name(struct auth_view name, struct auth_err *err)
{
    bool is_good = name.n >= 1 && name.n <= MOCK_SNAPSHOT_NAME_MAX && auth_text_is_of(AUTH_TEXT_UNRESERVED, name);
    return is_good ? AUTH_OK
                   : auth_err_set(err, AUTH_E_ARG, "name: 1 to %d of letters, digits and . _ ~ - are needed",
                                  MOCK_SNAPSHOT_NAME_MAX);
}

/* Tokens before jti: of a request between the two the jti is in it and the token is not, as if its answer had been lost; never the
 * other way, for then the assertion could be used again. */
static enum auth_rc copy_store(struct mock_instance *instance, struct mock_snapshot *snapshot)
{
    enum auth_rc rc =
        mock_store_image_take(instance->store, MOCK_STORE_TOKEN, MOCK_SNAPSHOTS_BYTES_MAX, &snapshot->tokens);
    return rc == AUTH_OK
               ? mock_store_image_take(instance->store, MOCK_STORE_JTI, MOCK_SNAPSHOTS_BYTES_MAX, &snapshot->jti)
               : rc;
}

static enum auth_rc fill(struct mock_instance *instance, struct auth_view name, struct mock_snapshot *snapshot)
{
    mock_apps_init(&snapshot->apps);
    mock_apps_init(&snapshot->published);
    snapshot->name = auth_view_dup(name);
    snapshot->clock = mock_clock_state(&instance->clock);
    snapshot->last_token = atomic_load(&instance->tokens_issued);
    snapshot->fhir = mock_instance_fhir(instance);
    snapshot->access = mock_instance_access(instance);
    enum auth_rc rc = snapshot->name ? copy_store(instance, snapshot) : AUTH_E_NOMEM;
    if (rc == AUTH_OK)
        rc = mock_apps_copy(&instance->apps, &snapshot->apps);
    if (rc == AUTH_OK)
        rc = mock_apps_copy(&instance->published, &snapshot->published);
    if (rc == AUTH_OK)
        rc = mock_faults_save(&instance->faults, &snapshot->faults);
    snapshot->bytes = sizeof *snapshot + snapshot->tokens.records.n + snapshot->jti.records.n + snapshot->apps.bytes +
                      snapshot->published.bytes + snapshot->faults.bytes + mock_fhir_posted_bytes(snapshot->fhir);
    return rc;
}

/* The lock is held. rc AUTH_OK: taken */
static enum auth_rc keep(struct mock_snapshots *snapshots, atomic_size_t *all, struct mock_snapshot *fresh,
                         struct mock_snapshot **gone, struct auth_err *err)
{
    struct mock_snapshot **link = find(snapshots, auth_view_from_string(fresh->name));
    struct mock_snapshot *old = is_there(link, auth_view_from_string(fresh->name)) ? *link : NULL;
    size_t others = snapshots->bytes - (old ? old->bytes : 0);
    *gone = fresh;
    if (!old && snapshots->count == MOCK_SNAPSHOTS_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG,
                            "there are %d snapshots, as many as may be; DELETE /mock/snapshots/NAME forgets one",
                            MOCK_SNAPSHOTS_MAX);
    size_t elsewhere = atomic_load(all) - (old ? old->bytes : 0);
    if (fresh->bytes > MOCK_SNAPSHOTS_BYTES_MAX - others || fresh->bytes + elsewhere > MOCK_SNAPSHOTS_ALL_BYTES_MAX)
        return auth_err_set(
            err, AUTH_E_TOO_BIG,
            "with this one of %zu KiB the snapshots would take more than %d MiB, or %d of all instances; "
            "DELETE /mock/snapshots/NAME forgets one",
            fresh->bytes / 1024, MOCK_SNAPSHOTS_BYTES_MAX / 1024 / 1024, MOCK_SNAPSHOTS_ALL_BYTES_MAX / 1024 / 1024);
    fresh->next = old ? old->next : *link;
    *link = fresh;
    snapshots->count += !old;
    snapshots->bytes = others + fresh->bytes;
    atomic_fetch_add(all, fresh->bytes - (old ? old->bytes : 0)); /* wraps as it should where it becomes less */
    *gone = old;
    return AUTH_OK;
}

enum auth_rc mock_instance_save(struct mock_instance *instance, struct auth_view name, struct auth_err *err)
{
    struct mock_snapshots *snapshots = &instance->snapshots;
    struct mock_snapshot *gone = NULL;
    enum auth_rc rc = check_name(name, err);
    if (rc != AUTH_OK)
        return rc;
    struct mock_snapshot *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return auth_err_no_memory(err);
    rc = fill(instance, name, fresh);
    if (rc == AUTH_E_TOO_BIG)
        auth_err_set(err, rc, "its tokens and jti alone take more than the %d MiB that snapshots may",
                     MOCK_SNAPSHOTS_BYTES_MAX / 1024 / 1024);
    if (rc == AUTH_OK) {
        pthread_mutex_lock(&snapshots->lock);
        rc = keep(snapshots, &instance->shared->snapshot_bytes, fresh, &gone, err);
        pthread_mutex_unlock(&snapshots->lock);
    } else {
        gone = fresh;
    }
    snapshot_free(gone);
    return rc;
}

/* ---- bringing back ---- */

static enum auth_rc list_names(const struct mock_snapshots *snapshots, struct auth_err *err)
{
    struct auth_buf names;
    auth_buf_init(&names, 200);
    for (const struct mock_snapshot *snapshot = snapshots->first; snapshot; snapshot = snapshot->next)
        auth_buf_addf(&names, "%s%s", names.n ? ", " : "", snapshot->name);
    auth_err_set(err, AUTH_E_NOT_FOUND, "no snapshot has that name; %s%s",
                 snapshots->first ? "there are " : "there is none", names.n ? names.p : "");
    auth_buf_clear(&names);
    return AUTH_E_NOT_FOUND;
}

/* Jti first, as in copy_store(). */
static enum auth_rc restore_parts(struct mock_instance *instance, struct mock_snapshot *snapshot)
{
    const struct mock_store_ops *ops = instance->store->ops;
    enum auth_rc rc = ops->replace(instance->store, MOCK_STORE_JTI, &snapshot->jti);
    if (rc == AUTH_OK)
        rc = ops->replace(instance->store, MOCK_STORE_TOKEN, &snapshot->tokens);
    if (rc == AUTH_OK)
        rc = mock_apps_copy(&snapshot->apps, &instance->apps);
    if (rc == AUTH_OK)
        rc = mock_apps_copy(&snapshot->published, &instance->published);
    if (rc == AUTH_OK)
        rc = mock_instance_restore_faults(instance, &snapshot->faults);
    if (rc != AUTH_OK)
        return rc;
    mock_instance_set_access(instance, mock_access_set_hold(snapshot->access));
    mock_instance_set_fhir(instance, snapshot->fhir);
    mock_clock_reset(&instance->clock, &snapshot->clock);
    return AUTH_OK;
}

enum auth_rc mock_instance_restore(struct mock_instance *instance, struct auth_view name, uint64_t *last_token,
                                   struct auth_err *err)
{
    struct mock_snapshots *snapshots = &instance->snapshots;
    pthread_mutex_lock(&snapshots->lock);
    struct mock_snapshot **link = find(snapshots, name);
    enum auth_rc rc;
    if (is_there(link, name)) {
        *last_token = (*link)->last_token;
        rc = restore_parts(instance, *link);
    } else {
        rc = list_names(snapshots, err);
    }
    pthread_mutex_unlock(&snapshots->lock);
    return rc;
}

bool mock_instance_drop_snapshot(struct mock_instance *instance, struct auth_view name)
{
    struct mock_snapshots *snapshots = &instance->snapshots;
    struct mock_snapshot *gone = NULL;
    pthread_mutex_lock(&snapshots->lock);
    struct mock_snapshot **link = find(snapshots, name);
    if (is_there(link, name)) {
        gone = *link;
        *link = gone->next;
        snapshots->count--;
        snapshots->bytes -= gone->bytes;
        atomic_fetch_sub(&instance->shared->snapshot_bytes, gone->bytes);
    }
    pthread_mutex_unlock(&snapshots->lock);
    snapshot_free(gone);
    return gone != NULL;
}

/* ---- showing ---- */

static void write_one(const struct mock_snapshot *snapshot, struct auth_json_writer *w)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "name", snapshot->name);
    auth_json_write_member_int(w, "now", snapshot->clock.now_us / 1000000);
    auth_json_write_member_int(w, "apps", (int64_t)snapshot->apps.table.count);
    auth_json_write_member_int(w, "tokens", (int64_t)snapshot->tokens.count);
    auth_json_write_member_int(w, "jti", (int64_t)snapshot->jti.count);
    auth_json_write_member_int(w, "faults", (int64_t)snapshot->faults.list.count);
    auth_json_write_member_int(w, "bytes", (int64_t)snapshot->bytes);
    auth_json_write_end_object(w);
}

void mock_instance_write_snapshots(struct mock_instance *instance, struct auth_json_writer *w)
{
    pthread_mutex_lock(&instance->snapshots.lock);
    auth_json_write_array(w);
    for (const struct mock_snapshot *snapshot = instance->snapshots.first; snapshot; snapshot = snapshot->next)
        write_one(snapshot, w);
    auth_json_write_end_array(w);
    pthread_mutex_unlock(&instance->snapshots.lock);
}

void mock_instance_write_snapshot(struct mock_instance *instance, struct auth_view name, struct auth_json_writer *w)
{
    pthread_mutex_lock(&instance->snapshots.lock);
    struct mock_snapshot **link = find(&instance->snapshots, name);
    if (is_there(link, name))
        write_one(*link, w);
    else
        auth_json_write_null(w); /* somebody has forgotten it meanwhile */
    pthread_mutex_unlock(&instance->snapshots.lock);
}
