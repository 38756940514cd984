#include "mock_epic/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/core/file.h"
#include "mock_epic/signals.h"

enum { TICK_MS = 250, SWEEP_TICKS = 40, CERT_DAYS = 30, THROWAWAY_BITS = 2048 };

static const char throwaway_client_id[] = "00000000-0000-4000-8000-mock00000001";

/* What this run makes and removes again, in a directory of its own: the private key of a throw-away app when none was
 * given, and the certificate of the TLS authority. */
struct throwaway {
    char directory[256]; /* "" when unused */
    char key_path[300];  /* "" when an app was given */
    char ca_path[300];   /* "" without --tls */
    struct mock_app *app;
};

/* ---- throw-away things ---- */

static enum auth_rc make_directory(struct throwaway *throwaway, struct auth_err *err)
{
    const char *tmp = getenv("TMPDIR");
    if (snprintf(throwaway->directory, sizeof throwaway->directory, "%.200s/mock-epic-XXXXXX", tmp ? tmp : "/tmp") <
            0 ||
        !mkdtemp(throwaway->directory)) {
        throwaway->directory[0] = '\0';
        return auth_err_set(err, AUTH_E_IO, "no temporary directory: %s", strerror(errno));
    }
    return AUTH_OK;
}

static enum auth_rc write_throwaway_key(struct throwaway *throwaway, const struct auth_key *key, struct auth_err *err)
{
    struct auth_buf pem;
    (void)snprintf(throwaway->key_path, sizeof throwaway->key_path, "%s/private_key.pem", throwaway->directory);
    auth_buf_init_secret(&pem, 16 * 1024);
    enum auth_rc rc = auth_key_write_private_pem(key, &pem, err);
    if (rc == AUTH_OK)
        rc = auth_file_write(throwaway->key_path, auth_buf_view(&pem), 0600, AUTH_FILE_NEW_ONLY, err);
    auth_buf_clear(&pem);
    return rc;
}

static enum auth_rc make_app(struct throwaway *throwaway, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx);
    struct auth_cert_request request = {
        .common_name = "mock-epic run",
        .not_before_s = now_s - 3600,
        .not_after_s = now_s + CERT_DAYS * 86400LL,
    };
    struct auth_key *key = NULL;
    struct auth_buf cert;
    auth_buf_init(&cert, 16 * 1024);
    enum auth_rc rc = auth_key_generate_rsa(THROWAWAY_BITS, &key, err);
    if (rc == AUTH_OK)
        rc = auth_key_write_cert(key, &request, NULL, auth_view_of(""), &cert, err);
    if (rc == AUTH_OK)
        rc = write_throwaway_key(throwaway, key, err);
    struct mock_app_parts parts = {
        .client_id = auth_view_of(throwaway_client_id),
        .name = auth_view_of("mock-epic run"),
        .certificate = auth_buf_view(&cert),
        .has_background_user = true,
    };
    if (rc == AUTH_OK)
        rc = mock_apps_make(&parts, now_s, &throwaway->app, err);
    auth_buf_clear(&cert);
    auth_key_free(key);
    return rc;
}

/* settings->tls_ca_file is set when --tls wants one and the user named none. */
static enum auth_rc make_throwaway(struct throwaway *throwaway, struct mock_settings *settings, struct auth_err *err)
{
    bool wants_app = !settings->client_id && settings->apps.count == 0;
    bool wants_ca = settings->tls && !settings->tls_ca_file;
    enum auth_rc rc = wants_app || wants_ca ? make_directory(throwaway, err) : AUTH_OK;
    if (rc == AUTH_OK && wants_ca) {
        (void)snprintf(throwaway->ca_path, sizeof throwaway->ca_path, "%s/ca.pem", throwaway->directory);
        settings->tls_ca_file = throwaway->ca_path;
    }
    return rc == AUTH_OK && wants_app ? make_app(throwaway, err) : rc;
}

static void remove_throwaway(const struct throwaway *throwaway)
{
    if (!throwaway->directory[0])
        return;
    if (throwaway->key_path[0])
        (void)unlink(throwaway->key_path);
    if (throwaway->ca_path[0])
        (void)unlink(throwaway->ca_path);
    (void)rmdir(throwaway->directory);
}

/* ---- the command ---- */

static void export_environment(const struct mock_instance *instance, const struct mock_settings *settings,
                               const struct throwaway *throwaway)
{
    const struct mock_epic *mock = &instance->mock;
    static const char *const ca_names[] = {"EPIC_CA_FILE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE",
                                           "NODE_EXTRA_CA_CERTS"};
    const char *client_id = throwaway->key_path[0] ? throwaway_client_id : settings->client_id;
    (void)setenv("EPIC_TOKEN_URL", mock->token_url, 1);
    (void)setenv("EPIC_FHIR_BASE_URL", mock->fhir_url, 1);
    (void)setenv("MOCK_EPIC_URL", mock->public_url, 1);
    if (client_id)
        (void)setenv("EPIC_BACKEND_CLIENT_ID", client_id, 1);
    if (throwaway->key_path[0])
        (void)setenv("EPIC_PRIVATE_KEY_PATH", throwaway->key_path, 1);
    /* But for Node, these replace the system's authorities: a test of this mock has no business elsewhere. */
    for (size_t i = 0; settings->tls_ca_file && i < sizeof ca_names / sizeof *ca_names; i++)
        (void)setenv(ca_names[i], settings->tls_ca_file, 1);
}

static pid_t start_command(char **argv)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    mock_signals_restore();
    execvp(argv[0], argv);
    fprintf(stderr, "mock-epic: %s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

/* A terminal sends Ctrl-C to the command as well; passing it on would count twice. */
static bool is_to_be_forwarded(int number)
{
    return number == SIGTERM || number == SIGHUP || (number == SIGINT && !isatty(STDIN_FILENO));
}

static int wait_for_command(struct mock_instance *instance, pid_t pid)
{
    int status = 0;
    for (unsigned tick = 0; waitpid(pid, &status, WNOHANG) == 0; tick++) {
        int number = mock_signals_wait(TICK_MS);
        if (is_to_be_forwarded(number))
            (void)kill(pid, number);
        mock_instance_tick(instance);
        if (tick % SWEEP_TICKS == 0)
            mock_epic_sweep(&instance->mock);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int mock_run(struct mock_settings *settings, char **argv)
{
    struct mock_instance instance;
    struct throwaway throwaway = {0};
    struct auth_err err = {0};
    int status = 3;
    if (!mock_options_given(settings, &settings->listen))
        settings->listen = "127.0.0.1:0";
    if (!mock_options_given(settings, &settings->log_level))
        settings->log_level = AUTH_LOG_WARN; /* the command's output comes first */

    enum auth_rc rc = make_throwaway(&throwaway, settings, &err);
    if (rc == AUTH_OK)
        rc = mock_instance_start(&instance, settings, throwaway.app, MOCK_ACCOUNT_FULL, &err);
    if (rc != AUTH_OK) {
        fprintf(stderr, "mock-epic: %s\n", err.detail[0] ? err.detail : auth_rc_text(rc));
        remove_throwaway(&throwaway);
        return rc == AUTH_E_ARG ? 2 : 3;
    }
    export_environment(&instance, settings, &throwaway);
    pid_t pid = start_command(argv);
    if (pid > 0)
        status = wait_for_command(&instance, pid);
    else
        auth_log_write(&instance.log, AUTH_LOG_ERROR, "cannot start a process: %s", strerror(errno));
    mock_instance_stop(&instance);
    remove_throwaway(&throwaway);
    return status;
}
