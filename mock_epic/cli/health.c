/* Asking whether a mock answers, again and again until it does. */
#include "mock_epic/cli/health.h"

#include <stdio.h>

#include "auth/core/env.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "mock_epic/cli/call_send.h"
#include "mock_epic/start/process.h"

enum { AGAIN_MS = 50, ONE_TRY_S = 5, NO_ANSWER = 1 };

struct health_settings {
    struct mock_call_target target;
    int64_t wait_s;
    bool help;
};

#define SET struct health_settings

static const struct auth_opt rows[] = {
    {"wait", 'w', "S", "ask again until it answers, for at most so many seconds", AUTH_OPT_INT(SET, wait_s, 0, 86400),
     .fallback = "0", .also = "timeout"},
    {"tls-ca-file", 0, "FILE", "CAs (PEM) trusted over https, as serve --tls writes one there",
     AUTH_OPT_STRING(SET, target.ca_file), .also = "ca-file cacert"},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(SET, help)},
    {.name = NULL},
};
static const struct auth_opts table = {.rows = rows};

/* One question. why says what came instead of a healthy answer. */
static bool ask(const struct mock_call *call, struct auth_buf *why)
{
    struct auth_http_response response;
    struct auth_err err = {0};
    enum auth_rc rc = mock_call_send(call, "GET", "/health", auth_view_from_string(""), &response, &err);
    bool is_well = rc == AUTH_OK && response.status == 200;
    if (is_well)
        (void)fwrite(response.body.p, 1, response.body.n, stdout);
    else if (rc == AUTH_OK)
        mock_call_reason(call, &response, why);
    else
        auth_buf_add_string(why, err.detail);
    auth_http_response_clear(&response);
    return is_well;
}

static int ask_until(const struct mock_call *call, int64_t wait_s)
{
    const struct auth_env *env = auth_env_system();
    int64_t end_ms = env->steady_ms(env->ctx) + wait_s * 1000;
    struct auth_buf why;
    auth_buf_init(&why, 4096);
    bool is_well = ask(call, &why);
    while (!is_well && env->steady_ms(env->ctx) < end_ms) {
        env->sleep_ms(env->ctx, AGAIN_MS);
        auth_buf_reset(&why);
        is_well = ask(call, &why);
    }
    if (!is_well)
        auth_complain("mock-epic", "health", "%s", why.n ? why.p : "no answer");
    auth_buf_clear(&why);
    return is_well ? 0 : NO_ANSWER;
}

int mock_health(int argc, char **argv)
{
    struct health_settings settings = {.target = {.timeout_s = ONE_TRY_S, .is_open = true}};
    struct auth_err err = {0};
    struct mock_call call;
    enum auth_rc rc = auth_opts_parse(&table, &settings, NULL, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        printf("Usage: mock-epic health [--wait S] [URL]\n\n"
               "Does a mock answer at URL, else at MOCK_EPIC_URL, else at\n" MOCK_CALL_DEFAULT_URL
               "? Prints what it says.\n\n");
        auth_opts_help(stdout, rows);
        printf("\nExit status: 0 it answers, 1 not in time, 2 wrong usage.\n");
        return 0;
    }
    if (rc == AUTH_OK && argc > 2)
        rc = auth_err_set(&err, AUTH_E_ARG, "one URL is asked, not several");
    if (rc == AUTH_OK && argc == 2)
        settings.target.url = argv[1];
    mock_call_target_complete(&settings.target);
    if (rc == AUTH_OK)
        rc = mock_call_open(&call, &settings.target, &err);
    else
        call = (struct mock_call){.http = NULL};
    int status = rc == AUTH_OK ? ask_until(&call, settings.wait_s) : MOCK_EXIT_USAGE;
    if (rc != AUTH_OK)
        auth_complain("mock-epic", "health", "%s", err.detail[0] ? err.detail : auth_rc_text(rc));
    mock_call_clear(&call);
    return status;
}
