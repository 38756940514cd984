/* Starts the mock, or takes the server that was named. */
#include "conformance/suite/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "auth/core/input.h"
#include "auth/core/json.h"
#include "auth/core/url.h"
#include "conformance/suite/child.h"

extern char **environ;

enum { RSA_BITS = 2048, TEXT_MAX_N = 64 * 1024, READY_MS = 30 * 1000, ARGUMENTS_MAX = 24 + 2 * AUTH_OPT_LIST_MAX };

static const char own_client_id[] = "5f0c1d52-1e0b-4a5a-9d4e-7a1f5b1c0de5";

static void put(struct auth_buf *buf, struct auth_view value)
{
    auth_buf_init_secret(buf, TEXT_MAX_N);
    auth_buf_add_view(buf, value);
}

static void put_text(struct auth_buf *buf, const char *value)
{
    put(buf, auth_view_from_string(value));
}

/* ---- a mock ---- */

struct pipes {
    int registered[2], ready[2];
};

static void close_pair(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
        ends[i] = -1;
    }
}

static enum auth_rc spawn(const struct conf_target_options *options, struct pipes *pipes, pid_t *pid,
                          struct auth_err *err)
{
    char path[PATH_MAX];
    const char *program = options->mock ? options->mock : conf_child_mock(path);
    const char *arguments[ARGUMENTS_MAX] = {program,       "serve",  "--listen",  "127.0.0.1:0",   "--client-id",
                                            own_client_id, "--jwks", "-",         "--log-level",   "error",
                                            "--fixtures",  "@edge",  "--profile", options->profile};
    size_t count = 14;
    posix_spawn_file_actions_t actions;
    if (options->epic_version) {
        arguments[count++] = "--epic-version";
        arguments[count++] = options->epic_version;
    }
    if (options->seed) {
        arguments[count++] = "--seed";
        arguments[count++] = options->seed;
    }
    for (size_t i = 0; options->switches && i < options->switches->count; i++) {
        arguments[count++] = "--switch";
        arguments[count++] = options->switches->items[i];
    }
    arguments[count] = NULL;
    char *argv[ARGUMENTS_MAX];
    memcpy(argv, arguments, sizeof argv); /* posix_spawn() changes none of them */
    if (posix_spawn_file_actions_init(&actions) != 0)
        return auth_err_no_memory(err);
    (void)posix_spawn_file_actions_adddup2(&actions, pipes->registered[0], STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, pipes->ready[1], STDOUT_FILENO);
    int why = posix_spawnp(pid, program, &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return why ? auth_err_set(err, AUTH_E_NOT_FOUND, "%s: %s; --mock names it", program, strerror(why)) : AUTH_OK;
}

/* A pipe whose ends no child inherits by accident. */
static bool make_pipe(int ends[2])
{
    return pipe(ends) == 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
}

static enum auth_rc read_ready(int fd, struct auth_buf *line, struct auth_err *err)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    while (auth_view_find(auth_buf_view(line), '\n') == line->n) {
        char bytes[1024];
        if (poll(&poller, 1, READY_MS) <= 0)
            return auth_err_set(err, AUTH_E_TIMEOUT, "the mock does not become ready");
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n <= 0)
            return auth_err_set(err, AUTH_E_NETWORK, "the mock did not start");
        auth_buf_add(line, bytes, (size_t)n);
    }
    return auth_buf_check(line, err);
}

/* ---- the admin API ---- */

static enum auth_rc call(struct conf_target *target, const struct auth_buf *base, const char *method, const char *path,
                         struct auth_view body, struct auth_buf *answer, struct auth_err *err)
{
    struct auth_buf url;
    struct auth_http_response response = {.status = 0};
    const struct auth_http_header type = {"Content-Type", auth_view_from_string("application/json")};
    auth_buf_init(&url, TEXT_MAX_N);
    auth_buf_addf(&url, "%s/%s", base->p ? base->p : "", path);
    const struct auth_http_request request = {
        .method = method, .url = url.p ? url.p : "", .headers = &type, .header_count = 1, .body = body};
    enum auth_rc rc = auth_buf_check(&url, err);
    if (rc == AUTH_OK)
        rc = target->http->send(target->http, &request, &response, err);
    if (rc == AUTH_OK && base == &target->admin)
        conf_exchange_take_date(target, &response);
    if (rc == AUTH_OK && response.status >= 300)
        rc = auth_err_set(err, AUTH_E_HTTP, "%s %s was answered with %d: %.200s", method, path, response.status,
                          response.body.n ? response.body.p : "");
    else if (rc == AUTH_OK && answer)
        auth_buf_add_view(answer, auth_buf_view(&response.body));
    auth_http_response_clear(&response);
    auth_buf_clear(&url);
    return rc;
}

enum auth_rc conf_target_call(struct conf_target *target, const char *method, const char *path, struct auth_view body,
                              struct auth_buf *answer, struct auth_err *err)
{
    return call(target, &target->admin, method, path, body, answer, err);
}

enum auth_rc conf_target_call_server(struct conf_target *target, const char *method, const char *path,
                                     struct auth_view body, struct auth_buf *answer, struct auth_err *err)
{
    return call(target, &target->server, method, path, body, answer, err);
}

enum auth_rc conf_target_freeze(struct conf_target *target, struct auth_err *err)
{
    return conf_target_call(target, "PUT", "clock", auth_view_from_string("{\"frozen\":true}"), NULL, err);
}

/* Up to the path. */
static enum auth_rc set_origin(struct conf_target *target, struct auth_err *err)
{
    struct auth_url_parts parts;
    struct auth_view url = auth_buf_view(&target->token_url);
    if (!auth_url_split(url, &parts))
        return auth_err_set(err, AUTH_E_ARG, "the token endpoint is no absolute URL");
    put(&target->origin, auth_view_bytes(url.p, (size_t)(parts.path.p - url.p)));
    return AUTH_OK;
}

enum auth_rc conf_target_take_urls(struct auth_view json, struct conf_target *target, struct auth_err *err)
{
    struct auth_json *doc = NULL;
    enum auth_rc rc = auth_json_parse(auth_view_trim(json), &doc, err);
    const struct auth_json_node *root = auth_json_root(doc);
    put(&target->token_url, auth_json_member_string(root, "token_url"));
    if (rc == AUTH_OK)
        rc = set_origin(target, err);
    put(&target->fhir, auth_json_member_string(root, "fhir_base_url"));
    put(&target->admin, auth_json_member_string(root, "admin_url"));
    auth_json_free(doc);
    return rc;
}

/* The set that is registered: the key alone, under the kid that is its thumbprint. */
static enum auth_rc make_set(const struct auth_key *key, struct auth_buf *json, struct auth_err *err)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, json, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_key(&w, "keys");
    auth_json_write_array(&w);
    enum auth_rc rc = auth_key_write_jwk(key, NULL, "RS384", &w, err);
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    return rc == AUTH_OK ? auth_buf_check(json, err) : rc;
}

static enum auth_rc start_with(const struct conf_target_options *options, struct auth_view registered,
                               struct conf_target *target, struct conf_started *started, struct auth_err *err)
{
    struct pipes pipes = {{-1, -1}, {-1, -1}};
    struct auth_buf line;
    enum auth_rc rc = AUTH_OK;
    auth_buf_init(&line, TEXT_MAX_N);
    if (!make_pipe(pipes.registered) || !make_pipe(pipes.ready))
        rc = auth_err_set(err, AUTH_E_IO, "pipe: %s", strerror(errno));
    if (rc == AUTH_OK) /* it fits into the pipe */
        rc = write(pipes.registered[1], registered.p, registered.n) == (ssize_t)registered.n
                 ? AUTH_OK
                 : auth_err_set(err, AUTH_E_IO, "pipe: %s", strerror(errno));
    if (rc == AUTH_OK)
        rc = spawn(options, &pipes, &started->pid, err);
    if (rc == AUTH_OK)
        conf_child_watch(started->pid);
    close_pair(pipes.registered);
    if (pipes.ready[1] >= 0)
        close(pipes.ready[1]);
    pipes.ready[1] = -1;
    if (rc == AUTH_OK)
        rc = read_ready(pipes.ready[0], &line, err);
    if (rc == AUTH_OK)
        rc = conf_target_take_urls(auth_buf_view(&line), target, err);
    close_pair(pipes.ready);
    auth_buf_clear(&line);
    return rc;
}

static enum auth_rc start(const struct conf_target_options *options, struct conf_target *target,
                          struct conf_started *started, struct auth_err *err)
{
    struct auth_buf set;
    auth_buf_init(&set, TEXT_MAX_N);
    enum auth_rc rc = auth_key_generate_rsa(RSA_BITS, &target->key, err);
    if (rc == AUTH_OK)
        rc = make_set(target->key, &set, err);
    if (rc == AUTH_OK)
        rc = start_with(options, auth_buf_view(&set), target, started, err);
    auth_buf_clear(&set);
    put_text(&target->client_id, own_client_id);
    put(&target->server, auth_buf_view(&target->admin));
    target->is_started = true;
    return rc == AUTH_OK ? conf_target_freeze(target, err) : rc;
}

/* ---- one that is there ---- */

/* A mock that runs: where its instances are made, and what they have to be told. */
static enum auth_rc take_server(const struct conf_target_options *options, struct conf_target *target,
                                struct auth_err *err)
{
    struct auth_url_parts parts;
    struct auth_view url = auth_view_from_string(options->on);
    if (options->token_url || options->mock)
        return auth_err_set(err, AUTH_E_ARG, "--on, --target and --mock exclude each other");
    if (!auth_url_split(url, &parts))
        return auth_err_set(err, AUTH_E_ARG, "--on: no absolute URL");
    enum auth_rc rc = auth_key_generate_rsa(RSA_BITS, &target->key, err);
    put_text(&target->client_id, own_client_id);
    put(&target->origin, auth_view_bytes(url.p, (size_t)(parts.path.p - url.p)));
    auth_buf_init(&target->server, TEXT_MAX_N);
    auth_buf_addf(&target->server, "%s/mock", target->origin.p ? target->origin.p : "");
    target->told = options;
    return rc == AUTH_OK ? auth_buf_check(&target->server, err) : rc;
}

static enum auth_rc take_given(const struct conf_target_options *options, struct conf_target *target,
                               struct auth_err *err)
{
    struct auth_buf text;
    struct auth_err inner = {0};
    if (!options->client_id || !options->key)
        return auth_err_set(err, AUTH_E_ARG, "--target goes with --client-id and --key");
    auth_buf_init_secret(&text, TEXT_MAX_N);
    enum auth_rc rc = auth_input_read(options->key, &text, err);
    if (rc == AUTH_OK) {
        rc = auth_key_from_private_pem(auth_buf_view(&text), NULL, &target->key, &inner);
        if (rc != AUTH_OK)
            auth_err_set(err, rc, "%s: %s", options->key, inner.detail);
    }
    auth_buf_clear(&text);
    put_text(&target->token_url, options->token_url);
    put_text(&target->fhir, options->fhir ? options->fhir : "");
    put_text(&target->client_id, options->client_id);
    put_text(&target->admin, "");
    put_text(&target->server, "");
    return rc == AUTH_OK ? set_origin(target, err) : rc;
}

/* ---- both ---- */

enum auth_rc conf_target_open(const struct conf_target_options *options, struct conf_target *target,
                              struct conf_started *started, struct auth_err *err)
{
    const struct auth_http_options http = {.ca_file = options->ca_file, .user_agent = "epic-conformance"};
    memset(target, 0, sizeof *target);
    started->pid = 0;
    auth_buf_init_secret(&target->token, TEXT_MAX_N);
    auth_buf_init(&target->jwks_url, TEXT_MAX_N);
    put_text(&target->profile, options->profile);
    enum auth_rc rc = auth_http_new(&http, &target->http, err);
    if (rc == AUTH_OK)
        rc = auth_key_generate_rsa(RSA_BITS, &target->other_key, err);
    if (rc == AUTH_OK)
        rc = options->on          ? take_server(options, target, err)
             : options->token_url ? take_given(options, target, err)
                                  : start(options, target, started, err);
    bool wants_kid = rc == AUTH_OK && strcmp(options->profile, "smart") == 0;
    put_text(&target->kid, !wants_kid ? "" : options->kid ? options->kid : auth_key_thumbprint(target->key));
    return rc;
}

void conf_target_close(struct conf_target *target, struct conf_started *started)
{
    struct auth_buf *const all[] = {&target->token_url, &target->fhir,      &target->admin,
                                    &target->origin,    &target->client_id, &target->profile,
                                    &target->token,     &target->kid,       &target->server};
    int status;
    if (started->pid > 0 && kill(started->pid, SIGTERM) == 0)
        (void)waitpid(started->pid, &status, 0);
    if (started->pid > 0)
        conf_child_forget(started->pid);
    started->pid = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        auth_buf_clear(all[i]);
    auth_http_free(target->http);
    auth_key_free(target->key);
    auth_key_free(target->other_key);
}
