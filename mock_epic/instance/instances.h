/* Many Epics in one process: instances by name, each with the state of its own and the loaded FHIR data of all.
 *
 * The one without a name, the main one, belongs to whoever made it; the others are made like it and live in this table. Who
 * uses one holds a reference, so that it may be removed meanwhile. Threads safe. */
#ifndef MOCK_EPIC_INSTANCE_INSTANCES_H
#define MOCK_EPIC_INSTANCE_INSTANCES_H

#include "mock_epic/instance/instance.h"
#include "mock_epic/store/table.h"

enum { MOCK_INSTANCES_MAX = 16384, MOCK_INSTANCE_NAME_MAX = 64 };

struct mock_instances {
    pthread_mutex_t lock;
    struct mock_table table;    /* empty until the first one comes */
    struct mock_instance *main; /* borrowed */
    unsigned long long made;    /* names that were made up */
};

/* in  main  outlives the table; it and all others point to the table from now on */
void mock_instances_init(struct mock_instances *instances, struct mock_instance *main);
/* Forget them all; whoever still holds one frees it. */
void mock_instances_clear(struct mock_instances *instances);

/* What a new one differs in from how the main one started; borrowed. */
struct mock_instance_wish {
    struct auth_view name;              /* 1 to 64 of A-Z a-z 0-9 . _ ~ -, not "." or ".."; empty: one is made up */
    const struct auth_profile *profile; /* NULL: the main one's */
    const int64_t *at_s;                /* server time now; NULL: as the server started */
    struct mock_apps *apps;             /* shared, not taken; NULL: those that the server started with */
    const int64_t *seed;                /* NULL: the server's, if it has one */
    /* What else is to be done before it can be found; NULL: nothing. apps may be added then. rc: the instance is not made */
    enum auth_rc (*furnish)(void *ctx, struct mock_instance *made, struct auth_err *err);
    void *ctx;
};
/* Make an instance and let it be found.
 * out  *made  with a reference for the caller; NULL after a failure
 * rc   AUTH_E_ARG (the name), AUTH_E_EXISTS (it is taken), AUTH_E_TOO_BIG (there are as many as may be), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_instances_make(struct mock_instances *instances,
                                                 const struct mock_instance_wish *wish, struct mock_instance **made,
                                                 struct auth_err *err);
/* Let nobody find it any more; requests on their way end as if nothing had been, but for those that wait. False: unknown. */
bool mock_instances_remove(struct mock_instances *instances, struct auth_view name);

/* With a reference for the caller; NULL: unknown. */
struct mock_instance *mock_instances_acquire(struct mock_instances *instances, struct auth_view name);
void mock_instances_release(struct mock_instance *instance); /* NULL and the main one are fine */

/* All but the main one, by name, each with a reference: mock_instances_release_all() them. NULL: no memory. */
struct mock_instance **mock_instances_hold_all(struct mock_instances *instances, size_t *count);
void mock_instances_release_all(struct mock_instance **all, size_t count);

/* Who issued a token that `asked` does not know: written as "the main instance" or "instance NAME"; nothing where nobody did. */
void mock_instances_write_owner(struct mock_instances *instances, const struct mock_instance *asked,
                                struct auth_view token, struct auth_buf *out);

/* Forget what has expired, in all of them. As mock_instance_sweep(). */
void mock_instances_sweep(struct mock_instances *instances);
/* Resume every request that waits, in all of them, and let none wait any more. */
void mock_instances_stop(struct mock_instances *instances);

#endif
