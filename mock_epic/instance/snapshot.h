/* The state of an instance under a name, to be brought back: clock, apps and the sets published for them, tokens, jti, faults with
 * their counts, posted data and what data cannot say. What is big is counted and shared, not copied.
 *
 * The journal and what is judged by it go on, for they tell what happened; so do links to pages that were given, JWK Sets that were
 * fetched, and the numbers of tokens and faults, so that no two are called the same. A clock comes back as far from real time
 * and as fast as it was; one that stood, at the time at which it stood.
 * Requests on their way see each part as it was or as it is, never half of it. Threads safe. */
#ifndef MOCK_EPIC_INSTANCE_SNAPSHOT_H
#define MOCK_EPIC_INSTANCE_SNAPSHOT_H

#include "mock_epic/instance/instance.h"

enum {
    MOCK_SNAPSHOTS_MAX = 16,
    MOCK_SNAPSHOT_NAME_MAX = 64,
    MOCK_SNAPSHOTS_BYTES_MAX = 64 * 1024 * 1024,
    MOCK_SNAPSHOTS_ALL_BYTES_MAX = 256 * 1024 * 1024 /* of all instances */
};

/* Take one, in place of one of the same name.
 * in   name  1 to MOCK_SNAPSHOT_NAME_MAX of letters, digits and . _ ~ -
 * rc   AUTH_E_ARG (the name), AUTH_E_TOO_BIG (too many, or together too big; detail says which), AUTH_E_NOMEM: nothing has
 *      changed */
AUTH_MUST_CHECK enum auth_rc mock_instance_save(struct mock_instance *instance, struct auth_view name,
                                                struct auth_err *err);
/* Bring it back; it stays. What faults delay that are no longer there ends.
 * out  *last_token  the number of the last token of then
 * rc   AUTH_E_NOT_FOUND (detail lists the names there are); AUTH_E_NOMEM: some parts may be back; asking again does the rest */
AUTH_MUST_CHECK enum auth_rc mock_instance_restore(struct mock_instance *instance, struct auth_view name,
                                                   uint64_t *last_token, struct auth_err *err);
/* Forget one; false: there is none of that name. */
bool mock_instance_drop_snapshot(struct mock_instance *instance, struct auth_view name);
/* [{"name","now","apps","tokens","jti","faults","bytes"}], by name; or the one of that name alone as an object. */
void mock_instance_write_snapshots(struct mock_instance *instance, struct auth_json_writer *w);
void mock_instance_write_snapshot(struct mock_instance *instance, struct auth_view name, struct auth_json_writer *w);

#endif
