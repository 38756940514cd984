/* `epic-conformance jwt`: the verdict on one client assertion, or on a whole token request, before or after an app is
 * registered. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/opts.h"
#include "auth/core/text.h"
#include "auth/net/http.h"
#include "conformance/conformance.h"
#include "conformance/jwt_report.h"
#include "conformance/keys.h"
#include "conformance/request.h"

enum { OPTIONS = 20, SANDBOX_SYNC_S = 3600, CUSTOMER_SYNC_S = 12 * 3600 };

struct settings {
    struct conf_keys_options keys;
    const char *request, *client_id, *production_id, *token_url, *at, *saved_at, *answer, *profile, *format, *output;
    struct auth_opt_list switches;
    bool all, help;
};

/* What the judge needs, loaded from the settings. */
struct materials {
    struct auth_buf text; /* the JWT, or the captured request */
    struct conf_request request;
    struct auth_form form;
    struct auth_err form_err;
    struct auth_request_facts facts;
    struct conf_keys keys;
    struct auth_profile profile;
    struct auth_jwt jwt;
    struct auth_view token_url;
    int64_t now_s, saved_s;
    enum auth_oauth_error answer;
    bool has_request, is_sandbox;
};

static void fill_rows(struct settings *s, struct auth_opt rows[OPTIONS])
{
    const struct auth_opt table[] = {
        {"cert", 0, AUTH_OPT_STRING, "FILE", "the certificate that is (to be) uploaded, PEM", &s->keys.certificate, 0,
         0},
        {"jwks", 0, AUTH_OPT_STRING, "FILE",
         "or the JWK Set that is uploaded; with --jwks-url what that URL will serve", &s->keys.jwks, 0, 0},
        {"jwks-url", 0, AUTH_OPT_STRING, "URL", "or the registered URL; fetched once, unless --jwks stands for it",
         &s->keys.jwks_url, 0, 0},
        {"ca-file", 0, AUTH_OPT_STRING, "FILE", "authorities to trust for that fetch (the system's)", &s->keys.ca_file,
         0, 0},
        {"request", 'r', AUTH_OPT_STRING, "FILE", "judge a captured token request: raw HTTP or a curl command",
         &s->request, 0, 0},
        {"client-id", 0, AUTH_OPT_STRING, "ID", "what iss and sub must be", &s->client_id, 0, 0},
        {"production-client-id", 0, AUTH_OPT_STRING, "ID", "the app's other id, to tell the two apart",
         &s->production_id, 0, 0},
        {"token-url", 0, AUTH_OPT_STRING, "URL", "what aud must be (the captured request's URL)", &s->token_url, 0, 0},
        {"at", 0, AUTH_OPT_STRING, "TIME", "judge as of this time: RFC 3339, epoch seconds or a Date header (now)",
         &s->at, 0, 0},
        {"saved-at", 0, AUTH_OPT_STRING, "TIME", "when the app page was last saved", &s->saved_at, 0, 0},
        {"epic-said", 0, AUTH_OPT_STRING, "ERROR", "what Epic answered, to rank what else it can be", &s->answer, 0, 0},
        {"profile", 0, AUTH_OPT_STRING, "epic|smart|lenient", "whose rules count (epic)", &s->profile, 0, 0},
        {"switch", 0, AUTH_OPT_LIST, "NAME=VALUE", "as for mock-epic; see mock-epic serve --help-switches",
         &s->switches, 0, 0},
        {"format", 'f', AUTH_OPT_STRING, "table|json|tap", "how to print (table)", &s->format, 0, 0},
        {"output", 'o', AUTH_OPT_STRING, "FILE", "print into this file", &s->output, 0, 0},
        {"all", 'a', AUTH_OPT_FLAG, NULL, "also list the rules that passed or did not apply", &s->all, 0, 0},
        {"help", 'h', AUTH_OPT_FLAG, NULL, "this text", &s->help, 0, 0},
        {0},
    };
    memcpy(rows, table, sizeof table);
}

static void print_help(const struct auth_opt *rows)
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
    bool is_stdin = !path || strcmp(path, "-") == 0;
    return is_stdin ? auth_file_read_fd(STDIN_FILENO, out, err) : auth_file_read(path, out, err);
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
    rc = conf_request_read(auth_buf_view(&m->text), &m->request, err);
    if (rc != AUTH_OK)
        return rc;
    m->facts = conf_request_facts(&m->request, &m->form, &m->form_err);
    if (!settings->token_url)
        m->token_url = auth_buf_view(&m->request.url);
    return auth_jwt_read(auth_form_value(&m->form, "client_assertion"), &m->jwt);
}

static bool parse_time(const char *text, int64_t *epoch_s)
{
    struct auth_view view = auth_view_of(text);
    return auth_text_parse_time(view, epoch_s) || auth_text_parse_http_date(view, epoch_s);
}

static enum auth_rc load_times(const struct settings *settings, struct materials *m, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    m->now_s = env->wall_s(env->ctx);
    if (settings->at && !parse_time(settings->at, &m->now_s))
        return auth_err_set(err, AUTH_E_ARG, "--at %.60s: write 2026-11-23T18:00:00Z, epoch seconds, or a Date header",
                            settings->at);
    if (settings->saved_at && !parse_time(settings->saved_at, &m->saved_s))
        return auth_err_set(err, AUTH_E_ARG, "--saved-at %.60s: write 2026-11-23T18:00:00Z or epoch seconds",
                            settings->saved_at);
    return AUTH_OK;
}

static enum auth_rc load_answer(const struct settings *settings, struct materials *m, struct auth_err *err)
{
    if (!settings->answer)
        return AUTH_OK; /* m->answer is AUTH_OAUTH_NONE */
    static const enum auth_oauth_error answers[] = {AUTH_OAUTH_INVALID_CLIENT, AUTH_OAUTH_UNAUTHORIZED_CLIENT,
                                                    AUTH_OAUTH_INVALID_REQUEST};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (strcmp(settings->answer, auth_rules_error_text(answers[i])) == 0) {
            m->answer = answers[i];
            return AUTH_OK;
        }
    }
    return auth_err_set(err, AUTH_E_ARG, "--epic-said %.40s: invalid_client, unauthorized_client or invalid_request",
                        settings->answer);
}

/* Epic's own sandboxes, which know non-production ids only (E). */
static bool is_sandbox(struct auth_view token_url)
{
    struct auth_url url;
    return auth_url_parse(token_url, &url, NULL) == AUTH_OK &&
           (auth_view_is_nocase(url.host, "fhir.epic.com") || auth_view_is_nocase(url.host, "vendorservices.epic.com"));
}

/* What only a server can know is not judged: whether the app is there, has arrived, has a background user. */
static enum auth_rc load_profile(const struct settings *settings, struct materials *m, struct auth_err *err)
{
    const struct auth_profile *named = auth_profile_named(settings->profile);
    if (!named)
        return auth_err_set(err, AUTH_E_ARG, "--profile %.40s: epic, smart or lenient", settings->profile);
    m->profile = *named;
    m->profile.modes[AUTH_RULE_CLIENT_KNOWN] = AUTH_MODE_OFF;
    m->profile.modes[AUTH_RULE_CLIENT_SYNCED] = settings->saved_at ? AUTH_MODE_WARN : AUTH_MODE_OFF;
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
    m->token_url = auth_view_of(settings->token_url);
    enum auth_rc rc = load_times(settings, m, err);
    if (rc == AUTH_OK)
        rc = load_answer(settings, m, err);
    if (rc == AUTH_OK)
        rc = load_token(settings, path, m, err);
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
        conf_request_clear(&m->request);
    }
    auth_buf_clear(&m->text);
}

/* ---- judging ---- */

static bool names(const struct materials *m, const char *id)
{
    struct auth_view view = auth_view_of(id);
    return view.n && (auth_view_equal(auth_jwt_claim_view(&m->jwt, "iss"), view) ||
                      auth_view_equal(auth_jwt_claim_view(&m->jwt, "sub"), view));
}

/* Without --client-id the app is taken to be the one that the token names: then only the agreement of iss and sub shows. */
static struct auth_client_facts client_of(const struct settings *settings, const struct materials *m)
{
    struct auth_view id = settings->client_id ? auth_view_of(settings->client_id) : auth_jwt_claim_view(&m->jwt, "iss");
    bool is_production = names(m, settings->production_id);
    int64_t sync_s = m->is_sandbox ? SANDBOX_SYNC_S : CUSTOMER_SYNC_S;
    return (struct auth_client_facts){
        .is_known = true,
        .client_id = is_production ? auth_view_of(settings->production_id) : id,
        .usable_from_s = settings->saved_at ? m->saved_s + sync_s : INT64_MIN,
        .is_production = is_production,
        .has_background_user = true,
        .key_source = m->keys.source,
        .jwks_url = auth_view_of(settings->keys.jwks_url),
        .keys = &m->keys.set,
        .key_problem = auth_view_of(m->keys.problem.detail),
    };
}

static enum auth_rc judge(const struct settings *settings, const struct materials *m, struct auth_report *report)
{
    struct auth_client_facts client = client_of(settings, m);
    struct auth_rules_input input = {
        .profile = &m->profile,
        .now_s = m->now_s,
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
    struct conf_unseen rows[CONF_UNSEEN_MAX];
    struct conf_jwt_report r = {.report = report, .unseen = rows, .answer = m->answer, .all = settings->all};
    const struct conf_unseen_facts facts = {
        .is_sandbox = m->is_sandbox,
        .knows_production_id = settings->production_id != NULL,
        .knows_time = settings->at != NULL,
        .knows_saved_time = settings->saved_at != NULL,
        .knows_request = m->has_request,
        .source = m->keys.source,
        .answer = m->answer,
    };
    struct auth_buf out;
    if (auth_rules_failed(report) == AUTH_RULE_NONE)
        r.unseen_count = conf_unseen_list(&facts, rows);
    auth_buf_init(&out, 1024 * 1024);
    if (strcmp(settings->format, "json") == 0)
        conf_jwt_report_json(&r, &out);
    else if (strcmp(settings->format, "tap") == 0)
        conf_jwt_report_tap(&r, &out);
    else
        conf_jwt_report_table(&r, conf_output_colours(settings->output), &out);
    enum auth_rc rc = conf_output_write(&out, settings->output, err);
    auth_buf_clear(&out);
    return rc;
}

static enum auth_rc check_settings(const struct settings *settings, int operands, struct auth_err *err)
{
    static const char *const formats[] = {"table", "json", "tap"};
    bool is_known = false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        is_known = is_known || strcmp(settings->format, formats[i]) == 0;
    if (!is_known)
        return auth_err_set(err, AUTH_E_ARG, "--format %.40s: table, json or tap", settings->format);
    if (operands > (settings->request ? 0 : 1))
        return auth_err_set(err, AUTH_E_ARG, settings->request ? "--request and a FILE at once" : "one FILE at most");
    return AUTH_OK;
}

static int run(const struct settings *settings, const char *path)
{
    struct materials m;
    struct auth_report report;
    struct auth_err err = {0};
    memset(&m, 0, sizeof m);
    auth_buf_init_secret(&m.text, CONF_REQUEST_MAX_N);
    enum auth_rc rc = load(settings, path, &m, &err);
    if (rc == AUTH_OK)
        rc = judge(settings, &m, &report);
    if (rc == AUTH_OK)
        rc = tell(settings, &m, &report, &err);
    clear(&m);
    if (rc == AUTH_OK)
        return auth_rules_failed(&report) == AUTH_RULE_NONE ? CONF_CONFORMANT : CONF_FINDINGS;
    fprintf(stderr, "epic-conformance jwt: %s\n", err.detail[0] ? err.detail : auth_rc_text(rc));
    return rc == AUTH_E_ARG ? CONF_USAGE : CONF_CANNOT_RUN;
}

int conf_jwt_main(int argc, char **argv)
{
    struct settings settings = {.profile = "epic", .format = "table"};
    struct auth_opt rows[OPTIONS];
    struct auth_err err = {0};
    int first = argc;
    fill_rows(&settings, rows);
    enum auth_rc rc = auth_opts_parse(argc, argv, rows, false, &first, &err);
    if (rc == AUTH_OK && settings.help) {
        print_help(rows);
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK)
        rc = check_settings(&settings, argc - first, &err);
    if (rc != AUTH_OK) {
        fprintf(stderr, "epic-conformance jwt: %s\n", err.detail);
        return CONF_USAGE;
    }
    return run(&settings, first < argc ? argv[first] : NULL);
}
