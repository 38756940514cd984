/* `epic-conformance jwt`: the verdict on one client assertion, before or after an app is registered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/opts.h"
#include "auth/core/text.h"
#include "auth/rules/rules.h"
#include "conformance/conformance.h"

struct settings {
    const char *certificate, *jwks;
    const char *client_id, *token_url, *at, *profile, *format;
    struct auth_opt_list switches;
    bool all, help;
};

/* What the judge needs, loaded from the settings. */
struct materials {
    struct auth_buf token;
    struct auth_keyset keys;
    struct auth_profile profile;
    struct auth_jwt jwt;
    int64_t now_s;
};

static void fill_rows(struct settings *s, struct auth_opt rows[12])
{
    const struct auth_opt table[] = {
        {"cert", 0, AUTH_OPT_STRING, "FILE", "the certificate that is (to be) uploaded, PEM", &s->certificate, 0, 0},
        {"jwks", 0, AUTH_OPT_STRING, "FILE", "or the JWK Set", &s->jwks, 0, 0},
        {"client-id", 0, AUTH_OPT_STRING, "ID", "what iss and sub must be", &s->client_id, 0, 0},
        {"token-url", 0, AUTH_OPT_STRING, "URL", "what aud must be", &s->token_url, 0, 0},
        {"at", 0, AUTH_OPT_STRING, "TIME", "judge as of this RFC 3339 time or epoch second (now)", &s->at, 0, 0},
        {"profile", 0, AUTH_OPT_STRING, "epic|smart|lenient", "whose rules count (epic)", &s->profile, 0, 0},
        {"switch", 0, AUTH_OPT_LIST, "NAME=VALUE", "as for mock-epic; see mock-epic serve --help-switches",
         &s->switches, 0, 0},
        {"format", 'f', AUTH_OPT_STRING, "table|json", "how to print (table)", &s->format, 0, 0},
        {"all", 'a', AUTH_OPT_FLAG, NULL, "also list the rules that passed or did not apply", &s->all, 0, 0},
        {"help", 'h', AUTH_OPT_FLAG, NULL, "this text", &s->help, 0, 0},
        {0},
    };
    memcpy(rows, table, sizeof table);
}

static void print_help(const struct auth_opt *rows)
{
    printf(
        "Usage: epic-conformance jwt [OPTION...] [FILE|-]\n\n"
        "Judges the client assertion in FILE (standard input when - or absent) by the rules that decide whether Epic\n"
        "answers with a token or with invalid_client, and says what is wrong, what was expected and how to mend it.\n"
        "Nothing is sent anywhere.\n\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 it would be accepted, 1 it would be refused, 2 wrong usage, 3 could not run.\n");
}

/* ---- loading ---- */

/* One line end at the end belongs to the file, not to the JWT; any other white space is the JWT's and is judged. */
static enum auth_rc read_input(const char *path, struct auth_buf *out, struct auth_err *err)
{
    bool is_stdin = !path || strcmp(path, "-") == 0;
    enum auth_rc rc = is_stdin ? auth_file_read_fd(STDIN_FILENO, out, err) : auth_file_read(path, out, err);
    if (rc == AUTH_OK && out->n && out->p[out->n - 1] == '\n')
        out->p[--out->n] = '\0';
    if (rc == AUTH_OK && out->n && out->p[out->n - 1] == '\r')
        out->p[--out->n] = '\0';
    return rc;
}

static enum auth_rc load_keys(const struct settings *settings, struct auth_keyset *keys, struct auth_err *err)
{
    const char *path = settings->certificate ? settings->certificate : settings->jwks;
    struct auth_buf text;
    struct auth_err inner = {0};
    struct auth_key *key = NULL;
    auth_buf_init(&text, 1024 * 1024);
    enum auth_rc rc = auth_file_read(path, &text, &inner);
    if (rc == AUTH_OK && settings->jwks)
        rc = auth_keyset_parse(auth_buf_view(&text), keys, &inner);
    if (rc == AUTH_OK && settings->certificate) {
        rc = auth_key_from_cert(auth_buf_view(&text), &key, &inner);
        if (rc == AUTH_OK && (rc = auth_keyset_of_key(key, NULL, keys)) != AUTH_OK)
            auth_key_free(key);
    }
    auth_buf_clear(&text);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "%s: %s", path, inner.detail);
}

static enum auth_rc load_profile(const struct settings *settings, struct auth_profile *profile, struct auth_err *err)
{
    const struct auth_profile *named = auth_profile_named(settings->profile);
    if (!named)
        return auth_err_set(err, AUTH_E_ARG, "--profile %s: epic, smart or lenient", settings->profile);
    *profile = *named;
    for (size_t i = 0; i < settings->switches.count; i++) {
        if (auth_profile_set(profile, settings->switches.items[i], err) != AUTH_OK)
            return AUTH_E_ARG;
    }
    return AUTH_OK;
}

static enum auth_rc load(const struct settings *settings, const char *path, struct materials *m, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    m->now_s = env->wall_s(env->ctx);
    if (!!settings->certificate == !!settings->jwks)
        return auth_err_set(err, AUTH_E_ARG, "give the registered key: exactly one of --cert and --jwks");
    if (settings->at && !auth_text_parse_time(auth_view_of(settings->at), &m->now_s))
        return auth_err_set(err, AUTH_E_ARG, "--at %s: write 2026-11-23T18:00:00Z or epoch seconds", settings->at);
    enum auth_rc rc = load_profile(settings, &m->profile, err);
    if (rc == AUTH_OK)
        rc = load_keys(settings, &m->keys, err);
    if (rc == AUTH_OK)
        rc = read_input(path, &m->token, err);
    if (rc == AUTH_OK)
        rc = auth_jwt_read(auth_buf_view(&m->token), &m->jwt);
    return rc;
}

/* ---- judging ---- */

/* Without --client-id the app is taken to be the one that the token names: then only the agreement of iss and sub shows. */
static enum auth_rc judge(const struct settings *settings, const struct materials *m, struct auth_report *report)
{
    struct auth_view named = auth_jwt_claim_view(&m->jwt, "iss");
    struct auth_view token_url = auth_view_of(settings->token_url);
    struct auth_client_facts client = {
        .is_known = true,
        .client_id = settings->client_id ? auth_view_of(settings->client_id) : named,
        .usable_from_s = INT64_MIN,
        .has_background_user = true,
        .key_source = settings->certificate ? AUTH_KEYS_CERT : AUTH_KEYS_JWKS,
        .keys = &m->keys,
    };
    struct auth_rules_input input = {
        .profile = &m->profile,
        .now_s = m->now_s,
        .jwt = &m->jwt,
        .client = &client,
        .audiences = &token_url,
        .audience_count = settings->token_url ? 1 : 0,
    };
    return auth_rules_check(&input, report);
}

/* ---- printing ---- */

static const char *colour(enum auth_result result)
{
    static const char *const codes[] = {
        [AUTH_SKIP] = "\033[2m",  [AUTH_PASS] = "\033[32m",   [AUTH_WARN] = "\033[33m",
        [AUTH_FAIL] = "\033[31m", [AUTH_BLOCKED] = "\033[2m",
    };
    const char *no_color = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) ? codes[result] : "";
}

static void print_line(const char *label, const struct auth_buf *text)
{
    if (text->n)
        printf("         %-9s %s\n", label, text->p);
}

static void print_verdict(const struct auth_report *report, enum auth_rule rule)
{
    const struct auth_verdict *verdict = &report->verdicts[rule];
    const struct auth_rule_info *info = auth_rules_info(rule);
    const char *on = colour((enum auth_result)verdict->result);
    struct auth_buf text;
    auth_buf_init(&text, 16 * 1024);
    auth_rules_actual(report, rule, &text);
    printf("%s%-8s%s %-22s %s\n", on, auth_rules_result_text((enum auth_result)verdict->result), *on ? "\033[0m" : "",
           info->id, text.n ? text.p : "");
    if (verdict->result == AUTH_FAIL || verdict->result == AUTH_WARN) {
        auth_buf_reset(&text);
        auth_rules_expected(report, rule, &text);
        print_line("expected", &text);
        auth_buf_reset(&text);
        auth_rules_fix(report, rule, &text);
        print_line("fix", &text);
        printf("         %-9s %s\n", "source", info->source);
    }
    auth_buf_clear(&text);
}

static void print_table(const struct auth_report *report, bool all)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        enum auth_result result = (enum auth_result)report->verdicts[i].result;
        if (all || result == AUTH_FAIL || result == AUTH_WARN)
            print_verdict(report, (enum auth_rule)i);
    }
    enum auth_rule failed = auth_rules_failed(report);
    printf("%zu passed, %zu warned, %zu failed, %zu blocked, %zu not applicable\n", auth_rules_count(report, AUTH_PASS),
           auth_rules_count(report, AUTH_WARN), auth_rules_count(report, AUTH_FAIL),
           auth_rules_count(report, AUTH_BLOCKED), auth_rules_count(report, AUTH_SKIP));
    if (failed == AUTH_RULE_NONE)
        printf("would be accepted (the jti must not have been used before)\n");
    else
        printf("would be refused: %s, because of %s\n", auth_rules_error_text(auth_rules_error(report)),
               auth_rules_info(failed)->id);
}

static bool print_json(const struct auth_report *report)
{
    struct auth_buf out;
    struct auth_jsonw w;
    enum auth_rule failed = auth_rules_failed(report);
    auth_buf_init(&out, 1024 * 1024);
    auth_jsonw_init(&w, &out, AUTH_JSON_PRETTY);
    auth_jsonw_object(&w);
    auth_jsonw_member_text(&w, "outcome", failed == AUTH_RULE_NONE ? "accepted" : "refused");
    auth_jsonw_member_text(&w, "error",
                           failed == AUTH_RULE_NONE ? NULL : auth_rules_error_text(auth_rules_error(report)));
    auth_jsonw_key(&w, "verdicts");
    auth_rules_write(report, &w);
    auth_jsonw_end_object(&w);
    bool ok = auth_buf_ok(&out);
    if (ok)
        printf("%s\n", out.p);
    auth_buf_clear(&out);
    return ok;
}

static int report_on(const struct settings *settings, const struct materials *m)
{
    struct auth_report report;
    enum auth_rc rc = judge(settings, m, &report);
    if (rc != AUTH_OK) {
        fprintf(stderr, "epic-conformance jwt: %s\n", auth_rc_text(rc));
        return CONF_CANNOT_RUN;
    }
    if (strcmp(settings->format, "json") != 0)
        print_table(&report, settings->all);
    else if (!print_json(&report))
        return CONF_CANNOT_RUN;
    return auth_rules_failed(&report) == AUTH_RULE_NONE ? CONF_CONFORMANT : CONF_FINDINGS;
}

int conf_jwt_main(int argc, char **argv)
{
    struct settings settings = {.profile = "epic", .format = "table"};
    struct materials m;
    struct auth_opt rows[12];
    struct auth_err err = {0};
    int first = argc;
    fill_rows(&settings, rows);
    enum auth_rc rc = auth_opts_parse(argc, argv, rows, false, &first, &err);
    if (rc == AUTH_OK && settings.help) {
        print_help(rows);
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK && strcmp(settings.format, "table") != 0 && strcmp(settings.format, "json") != 0)
        rc = auth_err_set(&err, AUTH_E_ARG, "--format %s: table or json", settings.format);
    if (rc == AUTH_OK && argc - first > 1)
        rc = auth_err_set(&err, AUTH_E_ARG, "one FILE at most");

    memset(&m, 0, sizeof m);
    auth_buf_init_secret(&m.token, AUTH_JWT_MAX_N + 1024);
    if (rc == AUTH_OK)
        rc = load(&settings, first < argc ? argv[first] : NULL, &m, &err);
    int status = CONF_USAGE;
    if (rc == AUTH_OK) {
        status = report_on(&settings, &m);
        auth_jwt_clear(&m.jwt);
    } else {
        fprintf(stderr, "epic-conformance jwt: %s\n", err.detail[0] ? err.detail : auth_rc_text(rc));
        status = rc == AUTH_E_ARG ? CONF_USAGE : CONF_CANNOT_RUN;
    }
    auth_keyset_clear(&m.keys);
    auth_buf_clear(&m.token);
    return status;
}
