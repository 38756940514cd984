/* epic-auth test: does all of it work, from the settings to a patient's observations? Each step is timed, and a failed one
 * explained. */
#include <stdlib.h>
#include <string.h>

#include "auth/cli/cli.h"
#include "auth/cli/report.h"
#include "auth/client/handle.h"
#include "auth/core/env.h"
#include "auth/core/json.h"
#include "auth/core/text.h"

enum format { FORMAT_TABLE, FORMAT_JSON };

struct test_settings {
    struct auth_cli_common common;
    const char *patient, *category;
    int format;
};

static const char usual_patient[] = "erXuFYUfucBZaryVksYEcMg3";

static const struct auth_opt test_rows[] = {
    {"patient", 'p', "ID", "whom to read; the default is Camila Lopez of Epic's sandbox",
     AUTH_OPT_STRING(struct test_settings, patient), .fallback = usual_patient, .also = "patient-id id"},
    {"category", 'c', "CODE", "of the observations", AUTH_OPT_STRING(struct test_settings, category),
     .fallback = "laboratory"},
    {"format", 'f', "table|json", "how to print the result", AUTH_OPT_CHOICE(struct test_settings, format),
     .fallback = "table"},
    AUTH_CLI_COMMON_ROWS(struct test_settings)};

struct run {
    const struct test_settings *settings;
    struct epic_auth *auth;
    struct auth_report report;
};

static int64_t now_ms(void)
{
    const struct auth_env *env = auth_env_system();
    return env->steady_ms(env->ctx);
}

/* ---- steps ---- */

static void add_text(struct auth_buf *out, struct auth_view text)
{
    enum { SHOWN_MAX = 160 };
    auth_text_escape(out, text, SHOWN_MAX);
}

static size_t count_words(const char *text)
{
    size_t count = 0;
    for (struct auth_view rest = auth_view_from_string(text); rest.n;)
        count += auth_view_split(&rest, ' ').n > 0;
    return count;
}

static enum epic_auth_rc try_token(struct run *run, struct auth_report_step *step)
{
    struct epic_auth_token token;
    enum epic_auth_rc rc = epic_auth_token(run->auth, 0, &token, &step->error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    auth_buf_addf(&step->said, "good for %lld s", (long long)token.lifetime_s);
    if (token.scope)
        auth_buf_addf(&step->said, ", %zu scopes granted", count_words(token.scope));
    epic_auth_token_free(&token);
    return rc;
}

static enum epic_auth_rc try_metadata(struct run *run, struct auth_report_step *step)
{
    char *json;
    struct auth_json *doc = NULL;
    enum epic_auth_rc rc = epic_auth_fhir_get_path(run->auth, "metadata", &json, &step->error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    if (auth_json_parse(auth_view_from_string(json), &doc, NULL) == AUTH_OK) {
        const struct auth_json_node *root = auth_json_root(doc), *software = auth_json_member(root, "software");
        auth_buf_add_string(&step->said, "FHIR ");
        add_text(&step->said, auth_json_member_string(root, "fhirVersion"));
        auth_buf_add_string(&step->said, ", ");
        add_text(&step->said, auth_json_member_string(software, "name"));
        auth_buf_add_char(&step->said, ' ');
        add_text(&step->said, auth_json_member_string(software, "version"));
    }
    auth_json_free(doc);
    epic_auth_string_free(json);
    return rc;
}

/* No name: what is printed here ends in logs of builds. */
static enum epic_auth_rc try_patient(struct run *run, struct auth_report_step *step)
{
    char *json;
    enum epic_auth_rc rc = epic_auth_fhir_get(run->auth, "Patient", run->settings->patient, &json, &step->error);
    if (rc == EPIC_AUTH_OK)
        auth_buf_addf(&step->said, "Patient read, %zu bytes", strlen(json));
    epic_auth_string_free(json);
    return rc;
}

static enum epic_auth_rc try_observations(struct run *run, struct auth_report_step *step)
{
    struct epic_auth_search *search;
    size_t count = 0;
    char *json;
    enum epic_auth_rc rc = epic_auth_patient_observations(run->auth, run->settings->patient, run->settings->category,
                                                          &search, &step->error);
    while (rc == EPIC_AUTH_OK && (rc = epic_auth_search_next(search, &json, &step->error)) == EPIC_AUTH_OK) {
        epic_auth_string_free(json);
        count++;
    }
    epic_auth_search_free(search);
    if (rc != EPIC_AUTH_E_END)
        return rc;
    auth_buf_addf(&step->said, "%zu of category ", count);
    add_text(&step->said, auth_view_from_string(run->settings->category));
    auth_buf_add_string(&step->said, ", all pages");
    memset(&step->error, 0, sizeof step->error);
    return EPIC_AUTH_OK;
}

/* ---- what to do about a failure ---- */

struct advice {
    const char *step;
    enum epic_auth_rc rc;
    const char *text;
};

static const struct advice advices[] = {
    {"token", EPIC_AUTH_E_OAUTH,
     "what can be seen from here: epic-auth doctor; and judge the JWT itself:\n"
     "  epic-auth assertion > jwt && epic-conformance jwt --cert CERTIFICATE jwt"},
    {"token", EPIC_AUTH_E_NETWORK, "is EPIC_TOKEN_URL reachable from here? a proxy is taken from HTTPS_PROXY"},
    {"metadata", EPIC_AUTH_E_NETWORK, "is EPIC_FHIR_BASE_URL reachable from here?"},
    {"patient", EPIC_AUTH_E_NOT_FOUND, "each server has other patients: --patient ID names one of yours"},
    {"patient", EPIC_AUTH_E_DENIED, "add the API Patient.Read (R4) on the app page, and wait for it to arrive"},
    {"observations", EPIC_AUTH_E_DENIED,
     "add the API Observation.Search (R4) of this category on the app page, and wait for it to arrive"},
    {"observations", EPIC_AUTH_E_NOT_FOUND, "each server has other patients: --patient ID names one of yours"},
};

static void advise(struct auth_report_step *step)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        if (strcmp(advices[i].step, step->name) == 0 && advices[i].rc == step->error.rc) {
            auth_buf_add_string(&step->advice, advices[i].text);
            auth_buf_add_char(&step->advice, '\n');
        }
    }
}

/* ---- the way through ---- */

static const struct {
    const char *name;
    enum epic_auth_rc (*try)(struct run *run, struct auth_report_step *step);
} steps[] = {
    {"token", try_token},
    {"metadata", try_metadata},
    {"patient", try_patient},
    {"observations", try_observations},
};

static bool do_settings(struct run *run)
{
    struct auth_report_step *step = auth_report_add(&run->report, "settings");
    struct auth_cli_common common = run->settings->common;
    int64_t started_ms = now_ms();
    bool ok = auth_cli_open(&common, &run->auth, &step->error) == EPIC_AUTH_OK;
    step->ms = now_ms() - started_ms;
    step->result = ok ? AUTH_REPORT_OK : AUTH_REPORT_FAILED;
    if (ok) {
        auth_buf_add_string(&step->said, "client ");
        add_text(&step->said, auth_view_from_string(run->auth->config.values[AUTH_SET_CLIENT_ID]));
        auth_buf_add_string(&step->said, " at ");
        add_text(&step->said, auth_view_from_string(run->auth->config.values[AUTH_SET_TOKEN_URL]));
    } else {
        auth_buf_add_string(&step->said, step->error.message);
        auth_buf_add_string(&step->advice, "epic-auth config show lists what is set and what is missing\n");
    }
    return ok;
}

/* What the first failure stands in the way of is not tried; a patient who is not there may still leave the rest sound. */
static void do_steps(struct run *run, bool is_possible)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct auth_report_step *step = auth_report_add(&run->report, steps[i].name);
        if (!is_possible) {
            step->result = AUTH_REPORT_SKIPPED;
            auth_buf_add_string(&step->said, "not tried, because of the failure above");
            continue;
        }
        int64_t started_ms = now_ms();
        enum epic_auth_rc rc = steps[i].try(run, step);
        step->ms = now_ms() - started_ms;
        if (rc == EPIC_AUTH_OK)
            continue;
        step->result = AUTH_REPORT_FAILED;
        auth_buf_reset(&step->said);
        auth_buf_add_string(&step->said, step->error.message);
        advise(step);
        is_possible = i > 0; /* without a token nothing can be read */
    }
}

int auth_cli_test(int argc, char **argv)
{
    static struct run run; /* too large for a stack */
    struct test_settings settings = {.patient = NULL};
    int status = auth_cli_parse(&argc, argv, test_rows, &settings,
                                "Usage: epic-auth test [OPTION...]\n\n"
                                "Tries everything against the server that the settings name: a token, the\n"
                                "CapabilityStatement, a patient, and the patient's observations. Each step is\n"
                                "timed; what fails is explained. The exit status is that of the first failure.\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    if (argc > 1)
        return auth_cli_usage_error("test", "no operands, please");
    run = (struct run){.settings = &settings, .report.command = "epic-auth test"};
    do_steps(&run, do_settings(&run));
    status = auth_report_print(&run.report, settings.format == FORMAT_JSON);
    auth_report_clear(&run.report);
    epic_auth_free(run.auth);
    return status;
}
