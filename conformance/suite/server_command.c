/* `epic-conformance server`: every case against a server, and the report. */
#include <stdio.h>
#include <string.h>

#include "auth/core/env.h"
#include "auth/core/input.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "auth/core/version.h"
#include "conformance/report/output.h"
#include "conformance/report/reports.h"
#include "conformance/suite/commands.h"
#include "conformance/suite/instance.h"
#include "conformance/suite/jobs.h"
#include "conformance/suite/run.h"
#include "conformance/suite/target.h"

enum { KNOWN_MAX_N = 1024 * 1024 };

struct settings {
    struct conf_target_options target;
    const char *cases, *known_failures;
    struct auth_opt_list switches, only, skip, require;
    struct conf_reports reports;
    int64_t jobs;
    bool help;
};

static const struct auth_opt rows[] = {
    AUTH_OPT_HEADING("The server"),
    {"target", 0, "TOKEN_URL", "the token endpoint of a server that is there; without it a mock is started",
     AUTH_OPT_STRING(struct settings, target.token_url), .also = "token-url"},
    {"fhir", 0, "URL", "its FHIR base; without it FHIR cases are skipped",
     AUTH_OPT_STRING(struct settings, target.fhir), .also = "fhir-base-url"},
    {"client-id", 0, "ID", "an app that is registered there", AUTH_OPT_STRING(struct settings, target.client_id)},
    {"key", 0, "FILE", "its private key, PEM", AUTH_OPT_STRING(struct settings, target.key), .also = "private-key"},
    {"kid", 0, "KID", "of that key, sent with --profile smart (its thumbprint)",
     AUTH_OPT_STRING(struct settings, target.kid)},
    {"ca-file", 0, "FILE", "authorities to trust (the system's)", AUTH_OPT_STRING(struct settings, target.ca_file)},
    {"on", 0, "URL", "a mock that runs: the cases get an Epic of their own in it, removed at the end",
     AUTH_OPT_STRING(struct settings, target.on)},
    {"mock", 0, "PATH", "the mock to start (mock-epic beside this program, else in PATH)",
     AUTH_OPT_STRING(struct settings, target.mock)},
    {"profile", 0, "epic|smart|lenient", "of the mock, and which cases count",
     AUTH_OPT_STRING(struct settings, target.profile), .fallback = "epic"},
    {"switch", 0, "NAME=VALUE", "of the mock; see mock-epic serve --help-switches",
     AUTH_OPT_LIST(struct settings, switches)},
    {"epic-version", 0, "YYYY-MM", "as which release of Epic the mock behaves",
     AUTH_OPT_STRING(struct settings, target.epic_version)},
    {"seed", 0, "N", "what the mock draws, and each jti, follow from it",
     AUTH_OPT_STRING(struct settings, target.seed)},
    AUTH_OPT_HEADING("The cases"),
    {"cases", 0, "DIR", "cases of a directory in place of those that are built in",
     AUTH_OPT_STRING(struct settings, cases)},
    {"only", 0, "GLOB", "run the cases with this id, area or rule; * and ? stand for letters",
     AUTH_OPT_LIST(struct settings, only)},
    {"skip", 0, "GLOB[=REASON]", "leave them out", AUTH_OPT_LIST(struct settings, skip)},
    {"known-failures", 0, "FILE", "lines of ID and reason: cases whose failure is a warning",
     AUTH_OPT_STRING(struct settings, known_failures)},
    {"require", 0, "GLOB|all", "fail when one of these is skipped or blocked", AUTH_OPT_LIST(struct settings, require)},
    {"jobs", 'j', "N", "cases at a time", AUTH_OPT_INT(struct settings, jobs, 1, CONF_JOBS_MAX), .fallback = "1"},
    CONF_REPORT_ROWS(struct settings, reports),
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct settings, help)},
    {.name = NULL},
};
static const struct auth_opts opts = {.rows = rows};

static void print_help(void)
{
    printf("Usage: epic-conformance server [OPTION...]\n\n"
           "Runs every case against a mock that it starts, an Epic of their own in one that\n"
           "runs, or the server that --target names, and reports what differs. A case\n"
           "passes only if its control, a request that differs in nothing but what is\n"
           "tried, went the other way; else it is blocked.\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 conformant, 1 findings or a requirement that is not met, 2 wrong\n"
           "usage, 3 could not run, or not all of it.\n");
}

/* ---- the run ---- */

static int status_of(const struct auth_results *results, bool is_unmet)
{
    static const int statuses[] = {
        [AUTH_RESULTS_CONFORMANT] = CONF_CONFORMANT,
        [AUTH_RESULTS_FINDINGS] = CONF_FINDINGS,
        [AUTH_RESULTS_INCOMPLETE] = CONF_CANNOT_RUN,
    };
    int status = statuses[auth_results_outcome(results)];
    if (is_unmet)
        fprintf(stderr, "epic-conformance server: something that --require names did not get a result\n");
    return is_unmet ? CONF_FINDINGS : status;
}

static enum auth_rc run_and_tell(const struct settings *settings, const struct conf_cases *cases,
                                 struct conf_target *target, int *status, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    struct auth_buf known;
    struct auth_results *results = NULL;
    bool is_unmet = false;
    const struct auth_results_about about = {.tool = "epic-conformance",
                                             .version = AUTH_VERSION,
                                             .command = "epic-conformance server",
                                             .profile = settings->target.profile,
                                             .epic_version = settings->target.epic_version,
                                             .seed = settings->target.seed,
                                             .target = target->token_url.p,
                                             .date_s = env->wall_s(env->ctx)};
    auth_buf_init(&known, KNOWN_MAX_N);
    enum auth_rc rc = settings->known_failures ? auth_input_read(settings->known_failures, &known, err) : AUTH_OK;
    const struct conf_run_options options = {.only = &settings->only,
                                             .skip = &settings->skip,
                                             .require = &settings->require,
                                             .known_failures = auth_buf_view(&known),
                                             .jobs = (size_t)settings->jobs,
                                             .epic_version = settings->target.epic_version,
                                             .seed = settings->target.seed};
    if (rc == AUTH_OK)
        rc = auth_results_new(&about, &results);
    if (rc == AUTH_OK)
        rc = conf_run(cases, target, &options, results, &is_unmet, err);
    if (rc == AUTH_OK && auth_results_count(results) == 0)
        rc = auth_err_set(err, AUTH_E_ARG, "no case is meant by --only");
    if (rc == AUTH_OK)
        rc = conf_reports_write(&settings->reports, results, err);
    if (rc == AUTH_OK)
        *status = status_of(results, is_unmet);
    auth_results_free(results);
    auth_buf_clear(&known);
    return rc;
}

static enum auth_rc run_in_instance(const struct settings *settings, const struct conf_cases *cases,
                                    struct conf_target *server, int *status, struct auth_err *err)
{
    struct conf_target instance;
    enum auth_rc rc = conf_instance_open(server, NULL, auth_view_from_string(""), &instance, err);
    if (rc == AUTH_OK)
        rc = run_and_tell(settings, cases, &instance, status, err);
    conf_instance_close(&instance);
    return rc;
}

static int run(struct settings *settings)
{
    struct conf_cases cases;
    struct conf_target target;
    struct conf_started started = {0};
    struct auth_err err = {0};
    int status = CONF_CANNOT_RUN;
    settings->target.switches = &settings->switches;
    enum auth_rc rc = conf_cases_load(settings->cases, &cases, &err);
    if (rc == AUTH_OK) {
        rc = conf_target_open(&settings->target, &target, &started, &err);
        if (rc == AUTH_OK)
            rc = settings->target.on ? run_in_instance(settings, &cases, &target, &status, &err)
                                     : run_and_tell(settings, &cases, &target, &status, &err);
        conf_target_close(&target, &started);
    }
    conf_cases_clear(&cases);
    if (rc == AUTH_OK)
        return status;
    auth_complain("epic-conformance", "server", "%s", err.detail[0] ? err.detail : auth_rc_text(rc));
    return rc == AUTH_E_ARG ? CONF_USAGE : CONF_CANNOT_RUN;
}

int conf_server_main(int argc, char **argv)
{
    struct settings settings = {.help = false};
    struct auth_err err = {0};
    enum auth_rc rc = auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        print_help();
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK && argc > 1)
        rc = auth_err_set(&err, AUTH_E_ARG, "no operands, please");
    if (rc == AUTH_OK)
        rc = conf_reports_check(&settings.reports, &err);
    if (rc != AUTH_OK) {
        auth_complain("epic-conformance", "server", "%s", err.detail);
        return CONF_USAGE;
    }
    return run(&settings);
}
