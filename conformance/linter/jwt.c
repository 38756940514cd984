/* `epic-conformance jwt`: the verdict on one client assertion, or on a whole token request, before or after an app is
 * registered. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/encoding.h"
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

enum { SANDBOX_SYNC_S = 3600, CUSTOMER_SYNC_S = 12 * 3600, USUAL_LIFETIME_S = 240 };

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
    struct auth_buf text;    /* the JWT, or the captured request */
    struct auth_buf decoded; /* of UTF-16 */
    struct auth_buf notes;   /* what was done to read it: one clause a line */
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
    enum conf_jwt_clock clock;
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
    {"request", 'r', "FILE", "judge a captured token request: raw HTTP, a command, a call, a HAR file",
     AUTH_OPT_STRING(struct settings, request)},
    {"client-id", 0, "ID", "what iss and sub must be", AUTH_OPT_STRING(struct settings, client_id)},
    {"production-client-id", 0, "ID", "the app's other id, to tell the two apart",
     AUTH_OPT_STRING(struct settings, production_id)},
    {"token-url", 0, "URL", "what aud must be (the captured request's URL)",
     AUTH_OPT_STRING(struct settings, token_url), .also = "aud audience"},
    {"at", 0, "TIME", "judge as of this time: RFC 3339, epoch seconds or a Date header (the capture's, else now)",
     AUTH_OPT_TIME(struct settings, at_s), .also = "now date time"},
    {"saved-at", 0, "TIME", "when the app page was last saved", AUTH_OPT_TIME(struct settings, saved_s)},
    {"epic-error", 0, answer_words, "what Epic answered, to rank what else it can be (the capture's)",
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
    printf("Usage: epic-conformance jwt [OPTION...] [FILE|-]\n"
           "       epic-conformance jwt [OPTION...] --request FILE|-\n\n"
           "Judges the client assertion in FILE (standard input when - or absent), or the\n"
           "whole token request, by the rules that decide whether Epic answers with a token\n"
           "or with invalid_client. Says what is wrong, what was expected, how to fix it,\n"
           "and, when nothing is wrong here, what else it can be. Nothing is sent anywhere;\n"
           "--jwks-url alone fetches that URL.\n\n"
           "--request reads raw HTTP (the answer may follow), curl commands of any shell,\n"
           "wget, HTTPie, PowerShell's Invoke-RestMethod, fetch() and its like, HAR and\n"
           ".http files, or the body alone; out of other text, as collections, proxies and\n"
           "code are, it takes the parameters by name. A capture with an answer is judged\n"
           "as of its Date, and its error ranks what else it can be.\n\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 it would be accepted, 1 it would be refused, 2 wrong usage,\n3 could not run.\n");
}

/* ---- loading ---- */

/* One line end at the end belongs to the file, not to the JWT; any other white space is the JWT's and is judged. So does the
 * encoding, which no text shows. */
static enum auth_rc load_jwt(struct materials *m, struct auth_err *err)
{
    struct auth_view text = auth_buf_view(&m->text);
    enum auth_encoding encoding = auth_encoding_of(text);
    if (encoding != AUTH_ENCODING_PLAIN)
        auth_buf_addf(&m->notes,
                      "the file is in %s, as PowerShell and editors of Windows write it; the JWT in it was read: "
                      "make sure that your program does not send the mark or the NULs\n",
                      auth_encoding_text(encoding));
    text = auth_encoding_plain(text, &m->decoded);
    enum auth_rc rc = auth_buf_check(&m->decoded, err);
    return rc == AUTH_OK ? auth_jwt_read(auth_view_without_line_end(text), &m->jwt) : rc;
}

static enum auth_rc load_token(const struct settings *settings, const char *path, struct materials *m,
                               struct auth_err *err)
{
    const char *name = m->has_request ? settings->request : path;
    enum auth_rc rc = auth_input_read(name ? name : "-", &m->text, err);
    if (rc == AUTH_OK && !m->has_request && conf_capture_is_one(auth_buf_view(&m->text))) {
        m->has_request = true;
        auth_buf_add_string(&m->notes, "this is a captured request, and is judged as with --request\n");
    }
    if (rc == AUTH_OK && !m->has_request)
        return load_jwt(m, err);
    if (rc == AUTH_OK)
        rc = conf_capture_read(auth_buf_view(&m->text), &m->request, err);
    if (rc != AUTH_OK)
        return rc;
    auth_buf_add_view(&m->notes, auth_buf_view(&m->request.notes));
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

/* By which time it is judged: the one that was asked for, that of the capture, or the present. Only of the first it may be
 * said that the clock was chosen wrong. */
static void choose_clock(const struct settings *settings, struct materials *m, int64_t present_s)
{
    static const enum conf_jwt_clock clocks[] = {
        [CONF_CLOCK_NONE] = CONF_JWT_NOW,
        [CONF_CLOCK_ANSWER] = CONF_JWT_ANSWER,
        [CONF_CLOCK_STARTED] = CONF_JWT_STARTED,
    };
    m->clock = is_given(settings, &settings->at_s) ? CONF_JWT_ASKED
               : m->has_request                    ? clocks[m->request.clock]
                                                   : CONF_JWT_NOW;
    m->now_s = m->clock == CONF_JWT_ASKED ? settings->at_s : m->clock == CONF_JWT_NOW ? present_s : m->request.time_s;
    m->clock_ahead_s = m->clock == CONF_JWT_ASKED ? m->now_s - present_s : 0;
}

static enum auth_rc load(const struct settings *settings, const char *path, struct materials *m, struct auth_err *err)
{
    m->has_request = settings->request != NULL;
    m->token_url = auth_view_from_string(settings->token_url);
    const struct auth_env *env = auth_env_system();
    int64_t present_s = env->wall_s(env->ctx);
    m->has_saved = is_given(settings, &settings->saved_s);
    enum auth_rc rc = load_token(settings, path, m, err);
    choose_clock(settings, m, present_s);
    m->answer = is_given(settings, &settings->answer) ? answers[settings->answer]
                                                      : (m->has_request ? m->request.error : AUTH_OAUTH_NONE);
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
    auth_buf_clear(&m->decoded);
    auth_buf_clear(&m->notes);
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

static enum auth_rc judge(const struct settings *settings, const struct materials *m, int64_t now_s,
                          struct auth_report *report)
{
    struct auth_client_facts client = client_of(settings, m);
    struct auth_rules_input input = {
        .profile = &m->profile,
        .now_s = now_s,
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

/* When a JWT that is only too old was young: its iat, or shortly before its exp. */
static bool own_time(const struct materials *m, const struct auth_report *report, int64_t *time_s)
{
    int64_t exp_s = 0;
    if (auth_rules_outcome(report).because != AUTH_RULE_EXP_FUTURE || auth_rules_count(report, AUTH_FAIL) != 1)
        return false;
    if (auth_json_int(auth_jwt_claim(&m->jwt, "iat"), time_s))
        return true;
    *time_s = auth_json_int(auth_jwt_claim(&m->jwt, "exp"), &exp_s) ? exp_s - USUAL_LIFETIME_S : 0;
    return *time_s > 0;
}

/* Would it be accepted then? Most that is judged was captured more than five minutes ago. */
static enum auth_rc judge_as_of_own_time(const struct settings *settings, const struct materials *m,
                                         const struct auth_report *report, struct conf_jwt_report *r)
{
    struct auth_report then;
    int64_t then_s;
    if (m->clock == CONF_JWT_ANSWER || m->clock == CONF_JWT_ASKED || !own_time(m, report, &then_s))
        return AUTH_OK;
    enum auth_rc rc = judge(settings, m, then_s, &then);
    r->is_good_then = rc == AUTH_OK && auth_rules_outcome(&then).is_accepted;
    r->then_s = then_s;
    return rc;
}

static enum auth_rc tell(const struct settings *settings, const struct materials *m, const struct auth_report *report,
                         struct auth_err *err)
{
    struct conf_other_cause other_causes[CONF_OTHER_CAUSES_MAX];
    struct conf_jwt_report r = {
        .report = report,
        .other_causes = other_causes,
        .answer = m->answer,
        .all = settings->all,
        .clock = m->clock,
        .status = m->has_request ? m->request.status : 0,
    };
    const struct conf_other_causes_facts facts = {
        .is_sandbox = m->is_sandbox,
        .knows_production_id = settings->production_id != NULL,
        .knows_time = m->clock == CONF_JWT_ASKED || m->clock == CONF_JWT_ANSWER,
        .knows_saved_time = m->has_saved,
        .knows_request = m->has_request,
        .source = m->keys.source,
        .answer = m->answer,
    };
    struct auth_buf out;
    enum auth_rc rc = judge_as_of_own_time(settings, m, report, &r);
    if (auth_rules_outcome(report).is_accepted || r.is_good_then)
        r.other_cause_count = conf_other_causes_list(&facts, other_causes);
    auth_buf_init(&out, 1024 * 1024);
    if (rc != AUTH_OK)
        return rc;
    if (settings->format == AUTH_RESULTS_JSON)
        conf_jwt_report_json(&r, &out);
    else if (settings->format == AUTH_RESULTS_TABLE)
        conf_jwt_report_table(&r, conf_output_style(settings->output), &out);
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
    for (struct auth_view rest = auth_buf_view(&m->notes); rest.n;) {
        struct auth_view line = auth_view_split(&rest, '\n');
        fprintf(stderr, "epic-conformance jwt: note: %.*s\n", (int)line.n, line.p);
    }
}

static int run(const struct settings *settings, const char *path)
{
    struct materials m;
    struct auth_report report;
    struct auth_err err = {0};
    memset(&m, 0, sizeof m);
    auth_buf_init_secret(&m.text, CONF_CAPTURE_FILE_MAX_N);
    auth_buf_init_secret(&m.decoded, CONF_CAPTURE_FILE_MAX_N);
    auth_buf_init(&m.notes, 64 * 1024);
    enum auth_rc rc = load(settings, path, &m, &err);
    if (rc == AUTH_OK)
        rc = judge(settings, &m, m.now_s, &report);
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
