/* The file of tokens: locked, read with suspicion, written whole. */
#include "auth/client/token_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/core/file.h"
#include "auth/core/json.h"

enum { FILE_MAX_N = 4 * 1024 * 1024, PATH_MAX_N = 8192, LOCK_TURN_MS = 20, TOKENS_MAX = 64, FUTURE_S = 60 };

/* ---- the lock ---- */

enum auth_rc auth_token_store_lock(const char *path, const struct auth_env *env, int64_t deadline_ms, int *fd,
                                   struct auth_err *err)
{
    struct auth_buf name;
    auth_buf_init(&name, PATH_MAX_N);
    auth_buf_addf(&name, "%s.lock", path);
    *fd = auth_buf_ok(&name) ? open(name.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600) : -1;
    int why = errno;
    auth_buf_clear(&name);
    if (*fd < 0)
        return auth_err_set(err, AUTH_E_IO, "%s.lock: %s", path, strerror(why));
    while (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        why = errno;
        if (why == EINTR)
            continue;
        if (why == EWOULDBLOCK && env->steady_ms(env->ctx) < deadline_ms) {
            env->sleep_ms(env->ctx, LOCK_TURN_MS);
            continue;
        }
        (void)close(*fd);
        *fd = -1;
        return why == EWOULDBLOCK ? auth_err_set(err, AUTH_E_TIMEOUT, "%s.lock is held by another process", path)
                                  : auth_err_set(err, AUTH_E_IO, "%s.lock: %s", path, strerror(why));
    }
    return AUTH_OK;
}

void auth_token_store_unlock(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

/* ---- reading ---- */

/* Only what its owner alone can read and write is believed. */
static enum auth_rc check_owner(const char *path, int fd, struct auth_err *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return auth_err_set(err, AUTH_E_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return auth_err_set(err, AUTH_E_CONFIG, "%s is no regular file", path);
    if (status.st_uid != geteuid())
        return auth_err_set(err, AUTH_E_CONFIG, "%s belongs to another user", path);
    if (status.st_mode & 077)
        return auth_err_set(err, AUTH_E_CONFIG, "others can read or write %s; chmod 600 it", path);
    return AUTH_OK;
}

static enum auth_rc read_file(const char *path, struct auth_buf *text, struct auth_err *err)
{
    struct auth_err inner = {0};
    auth_buf_init_secret(text, FILE_MAX_N);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? AUTH_OK : auth_err_set(err, AUTH_E_IO, "%s: %s", path, strerror(errno));
    enum auth_rc rc = check_owner(path, fd, err);
    if (rc == AUTH_OK && auth_file_read_fd(fd, text, &inner) != AUTH_OK)
        rc = auth_err_set(err, AUTH_E_IO, "%s: %s", path, inner.detail);
    (void)close(fd);
    return rc;
}

static void read_token(const struct auth_json_node *node, struct auth_stored_token *token)
{
    *token = (struct auth_stored_token){
        .key = auth_json_member_string(node, "key"),
        .client_id = auth_json_member_string(node, "client_id"),
        .token_url = auth_json_member_string(node, "token_url"),
        .text = auth_json_member_string(node, "access_token"),
        .scope = auth_json_member_string(node, "scope"),
    };
    if (!auth_json_int(auth_json_member(node, "issued_s"), &token->issued_s) ||
        !auth_json_int(auth_json_member(node, "expires_s"), &token->expires_s))
        token->issued_s = token->expires_s = 0;
}

enum auth_rc auth_token_store_walk(const char *path,
                                   enum auth_rc (*take)(void *ctx, const struct auth_stored_token *token), void *ctx,
                                   struct auth_err *err)
{
    struct auth_buf text;
    struct auth_json *doc = NULL;
    enum auth_rc rc = read_file(path, &text, err);
    bool is_empty = auth_view_trim(auth_buf_view(&text)).n == 0;
    if (rc == AUTH_OK && !is_empty)
        rc = auth_json_parse(auth_buf_view(&text), &doc, NULL);
    const struct auth_json_node *tokens = auth_json_member(auth_json_root(doc), "tokens");
    if ((rc == AUTH_E_SYNTAX || rc == AUTH_OK) && !is_empty && auth_json_type(tokens) != AUTH_JSON_ARRAY)
        rc = auth_err_set(err, AUTH_E_CONFIG, "%s is no token cache of epic-auth; it is left as it is", path);
    for (const struct auth_json_node *node = auth_json_first(tokens); node && rc == AUTH_OK;
         node = auth_json_next(node)) {
        struct auth_stored_token token;
        read_token(node, &token);
        rc = take(ctx, &token);
    }
    auth_json_free(doc);
    auth_buf_clear(&text);
    return rc;
}

bool auth_token_store_is_good(const struct auth_stored_token *token, int64_t now_s, int64_t min_left_s)
{
    int64_t life_s = token->expires_s - token->issued_s, margin_s = life_s / 10;
    margin_s = margin_s < 1 ? 1 : margin_s > 60 ? 60 : margin_s;
    min_left_s = min_left_s > margin_s ? min_left_s : margin_s;
    return token->text.n && life_s > 0 && token->issued_s <= now_s + FUTURE_S && token->expires_s - now_s > min_left_s;
}

/* ---- writing ---- */

struct writing {
    struct auth_json_writer w;
    struct auth_view key; /* of the one that is replaced */
    int64_t now_s;
    int count;
};

static void write_token(struct auth_json_writer *w, const struct auth_stored_token *token)
{
    auth_json_write_object(w);
    auth_json_write_member(w, "key", token->key);
    auth_json_write_member(w, "client_id", token->client_id);
    auth_json_write_member(w, "token_url", token->token_url);
    auth_json_write_member(w, "access_token", token->text);
    if (token->scope.n)
        auth_json_write_member(w, "scope", token->scope);
    auth_json_write_member_int(w, "issued_s", token->issued_s);
    auth_json_write_member_int(w, "expires_s", token->expires_s);
    auth_json_write_end_object(w);
}

static enum auth_rc copy_token(void *ctx, const struct auth_stored_token *token)
{
    struct writing *writing = ctx;
    bool is_replaced = auth_view_equals_view(token->key, writing->key);
    if (!is_replaced && auth_token_store_is_good(token, writing->now_s, 0) && writing->count++ < TOKENS_MAX)
        write_token(&writing->w, token);
    return AUTH_OK;
}

static enum auth_rc write_file(const char *path, const struct auth_stored_token *token, int64_t now_s,
                               bool keeps_others, struct auth_err *err)
{
    struct auth_buf text;
    struct writing writing = {.now_s = now_s, .count = 1};
    enum auth_rc rc = AUTH_OK;
    auth_buf_init_secret(&text, FILE_MAX_N);
    auth_json_writer_init(&writing.w, &text, AUTH_JSON_PRETTY);
    auth_json_write_object(&writing.w);
    auth_json_write_member_text(&writing.w, "about", "access tokens of epic-auth: keep this file to yourself");
    auth_json_write_key(&writing.w, "tokens");
    auth_json_write_array(&writing.w);
    if (token) {
        writing.key = token->key;
        write_token(&writing.w, token);
    }
    if (keeps_others)
        rc = auth_token_store_walk(path, copy_token, &writing, err);
    auth_json_write_end_array(&writing.w);
    auth_json_write_end_object(&writing.w);
    auth_buf_add_char(&text, '\n');
    if (rc == AUTH_OK)
        rc = auth_buf_check(&text, err);
    if (rc == AUTH_OK)
        rc = auth_file_write(path, auth_buf_view(&text), 0600, AUTH_FILE_REPLACE, err);
    auth_buf_clear(&text);
    return rc;
}

enum auth_rc auth_token_store_keep(const char *path, const struct auth_stored_token *token, int64_t now_s,
                                   struct auth_err *err)
{
    return write_file(path, token, now_s, true, err);
}

static enum auth_rc pass_over(void *ctx, const struct auth_stored_token *token)
{
    (void)ctx;
    (void)token;
    return AUTH_OK;
}

enum auth_rc auth_token_store_clear(const char *path, struct auth_err *err)
{
    struct stat status;
    if (lstat(path, &status) != 0 && errno == ENOENT)
        return AUTH_OK;
    enum auth_rc rc = auth_token_store_walk(path, pass_over, NULL, err); /* is it one of ours? */
    return rc == AUTH_OK ? write_file(path, NULL, 0, false, err) : rc;
}
