/* `epic-conformance jwt`: the verdict on one client assertion, or on a whole token request, before or after an app is
 * registered. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "auth/core/input.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "auth/core/text.h"
#include "auth/core/url.h"
#include "conformance/linter/capture_read.h"
#include "conformance/linter/commands.h"
#include "conformance/linter/keys.h"
#include "conformance/linter/other_causes.h"
#include "conformance/report/jwt_report.h"

enum { SANDBOX_SYNC_S = 3600, CUSTOMER_SYNC_S = 12 * 3600 };

struct settings {
    struct auth_opts_given given;
    struct conf_keys_options keys;
    const char *request, *client_id, *production_id, *token_url, *profile, *output;
    int64_t at_s, saved_s; /* when given */
    int answer;            /* position in `answers`, when given */
    int format;            /* enum auth_results_format */
    struct auth_opt_list switches;
    bool all, help;
};

/* What the judge needs, loaded from the settings. */
struct materials {
    struct auth_buf text; /* the JWT, or the captured request */
    struct conf_capture request;
    struct auth_form form;
    struct auth_err form_err;
    struct auth_request_facts facts;
    struct conf_keys keys;
    struct auth_profile profile;
    struct auth_jwt jwt;
    struct auth_view token_url;
    int64_t now_s, clock_ahead_s; /* by which it is judged; how far that is from the present */
    enum auth_oauth_error answer;
    bool has_request, is_sandbox, has_saved;
};

static const char answer_words[] = "invalid_client|unauthorized_client|invalid_request";
static const enum auth_oauth_error answers[] = {AUTH_OAUTH_INVALID_CLIENT, AUTH_OAUTH_UNAUTHORIZED_CLIENT,
                                                AUTH_OAUTH_INVALID_REQUEST};

static const struct auth_opt rows[] = {
    {"cert", 0, "FILE", "the certificate that is (to be) uploaded, PEM",
     AUTH_OPT_STRING(struct settings, keys.certificate), .also = "certificate"},
    {"jwks", 0, "FILE", "or the JWK Set that is uploaded; with --jwks-url what that URL will serve",
     AUTH_OPT_STRING(struct settings, keys.jwks)},
    {"jwks-url", 0, "URL", "or the registered URL; fetched once, unless --jwks stands for it",
     AUTH_OPT_STRING(struct settings, keys.jwks_url), .also = "jku"},
    {"ca-file", 0, "FILE", "authorities to trust for that fetch (the system's)",
     AUTH_OPT_STRING(struct settings, keys.ca_file), .also = "cacert jwks-ca-file"},
    {"request", 'r', "FILE", "judge a captured token request: raw HTTP or a curl command",
     AUTH_OPT_STRING(struct settings, request)},
    {"client-id", 0, "ID", "what iss and sub must be", AUTH_OPT_STRING(struct settings, client_id)},
    {"production-client-id", 0, "ID", "the app's other id, to tell the two apart",
     AUTH_OPT_STRING(struct settings, production_id)},
    {"token-url", 0, "URL", "what aud must be (the captured request's URL)",
     AUTH_OPT_STRING(struct settings, token_url), .also = "aud audience"},
    {"at", 0, "TIME", "judge as of this time: RFC 3339, epoch seconds or a Date header (now)",
     AUTH_OPT_TIME(struct settings, at_s), .also = "now date time"},
    {"saved-at", 0, "TIME", "when the app page was last saved", AUTH_OPT_TIME(struct settings, saved_s)},
    {"epic-error", 0, answer_words, "what Epic answered, to rank what else it can be",
     AUTH_OPT_CHOICE(struct settings, answer)},
    {"epic-said", 0, answer_words, NULL, AUTH_OPT_CHOICE(struct settings, answer)},
    {"profile", 0, "epic|smart|lenient", "whose rules count", AUTH_OPT_STRING(struct settings, profile),
     .fallback = "epic"},
    {"switch", 0, "NAME=VALUE", "as for mock-epic; see mock-epic serve --help-switches",
     AUTH_OPT_LIST(struct settings, switches)},
    {"format", 'f', AUTH_RESULTS_FORMAT_NAMES, "how to print", AUTH_OPT_CHOICE(struct settings, format),
     .fallback = "table"},
    {"output", 'o', "FILE", "print into this file", AUTH_OPT_STRING(struct settings, output)},
    {"all", 'a', NULL, "also list the rules that passed or did not apply", AUTH_OPT_FLAG(struct settings, all)},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct settings, help)},
    {.name = NULL},
};
static const struct auth_opts opts = {.rows = rows};

static bool is_given(const struct settings *settings, const void *member)
{
    return auth_opts_is_given(&opts, &settings->given, settings, member);
}

static void print_help(void)
{
    printf(
        "Usage: epic-conformance jwt [OPTION...] [FILE|-]\n"
        "       epic-conformance jwt [OPTION...] --request FILE|-\n\n"
        "Judges the client assertion in FILE (standard input when - or absent), or the whole token request, by the rules\n"
        "that decide whether Epic answers with a token or with invalid_client. Says what is wrong, what was expected, how\n"
        "to mend it, and, when nothing is wrong here, what else it can be. Nothing is sent anywhere; --jwks-url alone\n"
        "fetches that URL.\n\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 it would be accepted, 1 it would be refused, 2 wrong usage, 3 could not run.\n");
}

/* ---- loading ---- */

static enum auth_rc read_input(const char *path, struct auth_buf *out, struct auth_err *err)
{
    return auth_input_read(path ? path : "-", out, err);
}

static enum auth_rc load_token(const struct settings *settings, const char *path, struct materials *m,
                               struct auth_err *err)
{
    enum auth_rc rc = read_input(m->has_request ? settings->request : path, &m->text, err);
    if (rc != AUTH_OK)
        return rc;
    /* one line end at the end belongs to the file, not to the JWT; any other white space is the JWT's and is judged */
    if (!m->has_request)
        return auth_jwt_read(auth_view_without_line_end(auth_buf_view(&m->text)), &m->jwt);
    rc = conf_capture_read(auth_buf_view(&m->text), &m->request, err);
    if (rc != AUTH_OK)
        return rc;
    m->facts = conf_capture_facts(&m->request, &m->form, &m->form_err);
    if (!settings->token_url)
        m->token_url = auth_buf_view(&m->request.url);
    return auth_jwt_read(auth_form_value(&m->form, "client_assertion"), &m->jwt);
}

/* Epic's own sandboxes, which know non-production ids only (E). */
static bool is_sandbox(struct auth_view token_url)
{
    struct auth_url url;
    return auth_url_parse(token_url, &url, NULL) == AUTH_OK &&
           (auth_view_equals_nocase(url.host, "fhir.epic.com") ||
            auth_view_equals_nocase(url.host, "vendorservices.epic.com"));
}

/* What only a server can know is not judged: whether the app is there, has arrived, has a background user. */
static enum auth_rc load_profile(const struct settings *settings, struct materials *m, struct auth_err *err)
{
    const struct auth_profile *named = auth_profile_named(settings->profile);
    if (!named)
        return auth_err_set(err, AUTH_E_ARG, "--profile %.40s: epic, smart or lenient", settings->profile);
    m->profile = *named;
    m->profile.modes[AUTH_RULE_CLIENT_KNOWN] = AUTH_MODE_OFF;
    m->profile.modes[AUTH_RULE_CLIENT_SYNCED] = m->has_saved ? AUTH_MODE_WARN : AUTH_MODE_OFF;
    m->profile.modes[AUTH_RULE_CLIENT_BACKGROUND_USER] = AUTH_MODE_OFF;
    if (!settings->production_id || !m->is_sandbox)
        m->profile.modes[AUTH_RULE_CLIENT_ENVIRONMENT] = AUTH_MODE_OFF;
    for (size_t i = 0; i < settings->switches.count; i++) {
        if (auth_profile_set(&m->profile, settings->switches.items[i], err) != AUTH_OK)
            return AUTH_E_ARG;
    }
    return AUTH_OK;
}

static enum auth_rc load(const struct settings *settings, const char *path, struct materials *m, struct auth_err *err)
{
    m->has_request = settings->request != NULL;
    m->token_url = auth_view_from_string(settings->token_url);
    const struct auth_env *env = auth_env_system();
    int64_t present_s = env->wall_s(env->ctx);
    m->now_s = is_given(settings, &settings->at_s) ? settings->at_s : present_s;
    m->clock_ahead_s = m->now_s - present_s;
    m->has_saved = is_given(settings, &settings->saved_s);
    m->answer = is_given(settings, &settings->answer) ? answers[settings->answer] : AUTH_OAUTH_NONE;
    enum auth_rc rc = load_token(settings, path, m, err);
    m->is_sandbox = is_sandbox(m->token_url);
    if (rc == AUTH_OK)
        rc = load_profile(settings, m, err);
    return rc == AUTH_OK ? conf_keys_load(&settings->keys, &m->keys, err) : rc;
}

static void clear(struct materials *m)
{
    auth_jwt_clear(&m->jwt);
    conf_keys_clear(&m->keys);
    if (m->has_request) {
        auth_form_clear(&m->form);
        conf_capture_clear(&m->request);
    }
    auth_buf_clear(&m->text);
}

/* ---- judging ---- */

static bool names(const struct materials *m, const char *id)
{
    struct auth_view view = auth_view_from_string(id);
    return view.n && (auth_view_equals_view(auth_jwt_claim_view(&m->jwt, "iss"), view) ||
                      auth_view_equals_view(auth_jwt_claim_view(&m->jwt, "sub"), view));
}

/* Without --client-id the app is taken to be the one that the token names: then only the agreement of iss and sub shows. */
static struct auth_client_facts client_of(const struct settings *settings, const struct materials *m)
{
    struct auth_view id =
        settings->client_id ? auth_view_from_string(settings->client_id) : auth_jwt_claim_view(&m->jwt, "iss");
    bool is_production = names(m, settings->production_id);
    int64_t sync_s = m->is_sandbox ? SANDBOX_SYNC_S : CUSTOMER_SYNC_S;
    return (struct auth_client_facts){
        .is_known = true,
        .client_id = is_production ? auth_view_from_string(settings->production_id) : id,
        .usable_from_s = m->has_saved ? settings->saved_s + sync_s : INT64_MIN,
        .is_production = is_production,
        .has_background_user = true,
        .key_source = m->keys.source,
        .jwks_url = auth_view_from_string(settings->keys.jwks_url),
        .keys = &m->keys.set,
        .key_problem = auth_view_from_string(m->keys.problem.detail),
    };
}

static enum auth_rc judge(const struct settings *settings, const struct materials *m, struct auth_report *report)
{
    struct auth_client_facts client = client_of(settings, m);
    struct auth_rules_input input = {
        .profile = &m->profile,
        .now_s = m->now_s,
        .clock_ahead_s = m->clock_ahead_s,
        .clock_cause = AUTH_CAUSE_CLOCK_CHOSEN,
        .request = m->has_request ? &m->facts : NULL,
        .jwt = &m->jwt,
        .client = &client,
        .audiences = &m->token_url,
        .audience_count = m->token_url.n ? 1 : 0,
    };
    return auth_rules_check(&input, report);
}

static enum auth_rc tell(const struct settings *settings, const struct materials *m, const struct auth_report *report,
                         struct auth_err *err)
{
    struct conf_other_cause other_causes[CONF_OTHER_CAUSES_MAX];
    struct conf_jwt_report r = {
        .report = report, .other_causes = other_causes, .answer = m->answer, .all = settings->all};
    const struct conf_other_causes_facts facts = {
        .is_sandbox = m->is_sandbox,
        .knows_production_id = settings->production_id != NULL,
        .knows_time = is_given(settings, &settings->at_s),
        .knows_saved_time = m->has_saved,
        .knows_request = m->has_request,
        .source = m->keys.source,
        .answer = m->answer,
    };
    struct auth_buf out;
    if (auth_rules_outcome(report).is_accepted)
        r.other_cause_count = conf_other_causes_list(&facts, other_causes);
    enum auth_rc rc = AUTH_OK;
    auth_buf_init(&out, 1024 * 1024);
    if (settings->format == AUTH_RESULTS_JSON)
        conf_jwt_report_json(&r, &out);
    else if (settings->format == AUTH_RESULTS_TABLE)
        conf_jwt_report_table(&r, conf_output_colours(settings->output), &out);
    else
        rc = conf_jwt_report_results(&r, (enum auth_results_format)settings->format, &out);
    if (rc == AUTH_OK)
        rc = conf_output_write(&out, settings->output, err);
    auth_buf_clear(&out);
    return rc;
}

/* On stderr, because standard output belongs to the report in its format. */
static void warn(const struct materials *m)
{
    for (struct auth_view rest = auth_buf_view(&m->keys.warnings); rest.n;) {
        struct auth_view line = auth_view_split(&rest, '\n');
        fprintf(stderr, "epic-conformance jwt: warning: %.*s\n", (int)line.n, line.p);
    }
}

static int run(const struct settings *settings, const char *path)
{
    struct materials m;
    struct auth_report report;
    struct auth_err err = {0};
    memset(&m, 0, sizeof m);
    auth_buf_init_secret(&m.text, CONF_CAPTURE_MAX_N);
    enum auth_rc rc = load(settings, path, &m, &err);
    if (rc == AUTH_OK)
        rc = judge(settings, &m, &report);
    if (rc == AUTH_OK)
        rc = tell(settings, &m, &report, &err);
    if (rc == AUTH_OK)
        warn(&m);
    clear(&m);
    if (rc == AUTH_OK)
        return auth_rules_outcome(&report).is_accepted ? CONF_CONFORMANT : CONF_FINDINGS;
    auth_complain("epic-conformance", "jwt", "%s", err.detail[0] ? err.detail : auth_rc_text(rc));
    return rc == AUTH_E_ARG ? CONF_USAGE : CONF_CANNOT_RUN;
}

int conf_jwt_main(int argc, char **argv)
{
    struct settings settings = {.help = false};
    struct auth_err err = {0};
    enum auth_rc rc = auth_opts_parse(&opts, &settings, &settings.given, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        print_help();
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK && argc - 1 > (settings.request ? 0 : 1))
        rc = auth_err_set(&err, AUTH_E_ARG, settings.request ? "--request and a FILE at once" : "one FILE at most");
    if (rc != AUTH_OK) {
        auth_complain("epic-conformance", "jwt", "%s", err.detail);
        return CONF_USAGE;
    }
    return run(&settings, argv[1]);
}
