/* epic-auth cache: the file that runs share their tokens in, looked at and emptied. */
#include <string.h>

#include "auth/cli/cli.h"
#include "auth/client/config.h"
#include "auth/client/token_store.h"
#include "auth/core/text.h"
#include "auth/jose/digest.h"

enum { LOCK_WAIT_MS = 10000, SHOWN_MAX = 200 };

/* Of the commands that have no option of their own. */
struct cache_settings {
    struct auth_cli_common common;
};
static const struct auth_opt cache_rows[] = {AUTH_CLI_COMMON_ROWS(struct cache_settings)};

/* Eight hex digits tell one token from another, and nothing of it. */
static void add_fingerprint(struct auth_buf *out, struct auth_view text)
{
    unsigned char digest[AUTH_SHA256_N] = {0};
    if (auth_digest_sha256(&text, 1, digest) == AUTH_OK)
        auth_text_hex(out, digest, 4, false);
}

static enum auth_rc print_token(void *ctx, const struct auth_stored_token *token)
{
    const int64_t *now_s = ctx;
    struct auth_buf line;
    auth_buf_init(&line, 8192);
    add_fingerprint(&line, token->text);
    auth_buf_add_string(&line, "  client ");
    auth_text_escape(&line, token->client_id, SHOWN_MAX);
    auth_buf_add_string(&line, " at ");
    auth_text_escape(&line, token->token_url, SHOWN_MAX);
    if (auth_token_store_is_good(token, *now_s, 0))
        auth_buf_addf(&line, ": good for %lld s", (long long)(token->expires_s - *now_s));
    else
        auth_buf_addf(&line, ": not used any more, %s",
                      token->issued_s > *now_s ? "issued in the future: was the clock moved?" : "expired, or about to");
    if (token->scope.n) {
        auth_buf_add_string(&line, "; scope ");
        auth_text_escape(&line, token->scope, SHOWN_MAX);
    }
    if (auth_buf_ok(&line))
        (void)auth_cli_print(line.p);
    auth_buf_clear(&line);
    return AUTH_OK;
}

static int run(const char *verb, const char *path)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx);
    struct auth_err err = {0};
    int lock;
    enum auth_rc rc = auth_token_store_lock(path, env, env->steady_ms(env->ctx) + LOCK_WAIT_MS, &lock, &err);
    if (rc == AUTH_OK && strcmp(verb, "clear") == 0)
        rc = auth_token_store_clear(path, &err);
    else if (rc == AUTH_OK)
        rc = auth_token_store_walk(path, print_token, &now_s, &err);
    auth_token_store_unlock(lock);
    if (rc != AUTH_OK)
        auth_cli_say("cache", "%s", err.detail[0] ? err.detail : auth_rc_text(rc));
    return rc == AUTH_OK ? AUTH_EXIT_OK : AUTH_EXIT_CONFIG;
}

int auth_cli_cache(int argc, char **argv)
{
    struct cache_settings settings = {.common = {.help = false}};
    struct auth_config config;
    struct auth_err err = {0};
    int status = auth_cli_parse(&argc, argv, cache_rows, &settings,
                                "Usage: epic-auth cache [OPTION...] show | clear\n\n"
                                "The file EPIC_TOKEN_CACHE, in which runs share their tokens: which are there\n"
                                "and how long they are good, without the tokens; or empty it.\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    if (argc != 2 || (strcmp(argv[1], "show") != 0 && strcmp(argv[1], "clear") != 0))
        return auth_cli_usage_error("cache", "show or clear");
    if (auth_config_load(&settings.common.options, &config, &err) != AUTH_OK) {
        auth_cli_say("cache", "%s", err.detail);
        return AUTH_EXIT_CONFIG;
    }
    if (config.values[AUTH_SET_TOKEN_CACHE]) {
        status = run(argv[1], config.values[AUTH_SET_TOKEN_CACHE]);
    } else {
        auth_cli_say("cache",
                     "EPIC_TOKEN_CACHE is not set: no file is used, and every run asks for a token of its own");
        status = AUTH_EXIT_CONFIG;
    }
    auth_config_clear(&config);
    return status;
}
