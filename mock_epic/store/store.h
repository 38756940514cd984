/* What the server must remember: used jti and issued tokens. A store is a small table of functions.
 *
 * No call holds anybody up for long: what concerns every entry (each, sweep, clear) is done in steps, and others get their turn
 * in between.
 * The verb that matters is put_if_absent: one atomic call decides a replay, on one thread or on many. Expiry is always
 * decided by the server clock that the caller passes in; a store's own time-to-live is only garbage collection.
 * Keys are SHA-256 digests made by the caller, so no secret is kept. Threads safe. */
#ifndef MOCK_EPIC_STORE_STORE_H
#define MOCK_EPIC_STORE_STORE_H

#include "auth/core/buf.h"
#include "auth/jose/digest.h"

enum mock_store_kind { MOCK_STORE_JTI, MOCK_STORE_TOKEN, MOCK_STORE_KINDS };

enum { MOCK_STORE_VALUE_MAX = 8192, MOCK_STORE_BYTES_MAX = 512 * 1024 * 1024 };

struct mock_store_key {
    unsigned char bytes[AUTH_SHA256_N];
};

enum mock_store_walk { MOCK_STORE_KEEP, MOCK_STORE_DELETE, MOCK_STORE_UPDATE };

/* Called for every live entry; on MOCK_STORE_UPDATE the (changed) *until_s and value in `replacement` are stored. */
typedef enum mock_store_walk mock_store_visit(void *ctx, const struct mock_store_key *key, struct auth_view value,
                                              int64_t *until_s, struct auth_buf *replacement);

struct mock_store;
struct mock_store_image;

struct mock_store_ops {
    const char *name;
    /* rc AUTH_OK: stored; AUTH_E_EXISTS: a live entry (until_s > now_s) is there, its time in *found_until_s;
     *    AUTH_E_TOO_BIG: the value, or the store, which holds bytes_max of that kind; AUTH_E_NOMEM, AUTH_E_IO: nothing
     *    stored, the caller must not issue anything */
    enum auth_rc (*put_if_absent)(struct mock_store *store, enum mock_store_kind kind, const struct mock_store_key *key,
                                  struct auth_view value, int64_t until_s, int64_t now_s, int64_t *found_until_s);
    /* rc AUTH_OK: value appended to out; AUTH_E_NOT_FOUND (expired entries are still found until swept) */
    enum auth_rc (*get)(struct mock_store *store, enum mock_store_kind kind, const struct mock_store_key *key,
                        struct auth_buf *out, int64_t *until_s);
    enum auth_rc (*del)(struct mock_store *store, enum mock_store_kind kind, const struct mock_store_key *key);
    /* Visit every entry that is there from the beginning to the end, exactly once; those that come or go meanwhile perhaps.
     * The visitor must not call the store. */
    enum auth_rc (*each)(struct mock_store *store, enum mock_store_kind kind, mock_store_visit *visit, void *ctx);
    enum auth_rc (*clear)(struct mock_store *store, enum mock_store_kind kind);
    /* Hold exactly these entries (mock_epic/store/image.h), at once for whoever asks. rc AUTH_E_NOMEM: nothing has changed */
    enum auth_rc (*replace)(struct mock_store *store, enum mock_store_kind kind, const struct mock_store_image *image);
    /* Forget entries with until_s <= before_s. */
    enum auth_rc (*sweep)(struct mock_store *store, enum mock_store_kind kind, int64_t before_s);
    size_t (*count)(struct mock_store *store, enum mock_store_kind kind);
    /* Memory in use for that kind, as far as the store knows. */
    size_t (*bytes)(struct mock_store *store, enum mock_store_kind kind);
    void (*free)(struct mock_store *store);
};

struct mock_store {
    const struct mock_store_ops *ops;
    size_t bytes_max[MOCK_STORE_KINDS]; /* MOCK_STORE_BYTES_MAX each; tests set less before the first put */
};

/* Tables in memory. About 130 bytes an entry with a 60-byte value. */
AUTH_MUST_CHECK enum auth_rc mock_store_memory_new(struct mock_store **out);
void mock_store_free(struct mock_store *store); /* NULL is fine */

#endif
