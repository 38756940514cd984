/* epic-auth doctor: what can be said about the settings without asking any server. */
#include <stdlib.h>
#include <string.h>

#include "auth/cli/cli.h"
#include "auth/cli/report.h"
#include "auth/client/config.h"
#include "auth/client/key_source.h"
#include "auth/client/url_hint.h"
#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/core/url.h"
#include "auth/jose/alg.h"
#include "auth/jose/jwk_set.h"

enum format { FORMAT_TABLE, FORMAT_JSON };
enum { FILE_MAX_N = 1024 * 1024, CA_MAX_N = 16 * 1024 * 1024 };

struct doctor_settings {
    struct auth_cli_common common;
    const char *cert, *jwks;
    int format;
};

static const struct auth_opt doctor_rows[] = {
    {"cert", 0, "FILE", "the certificate on the app page: does the key belong to it?",
     AUTH_OPT_STRING(struct doctor_settings, cert), .also = "certificate"},
    {"jwks", 0, "FILE", "the JWK Set that is published: is the key in it, under its kid?",
     AUTH_OPT_STRING(struct doctor_settings, jwks)},
    {"format", 'f', "table|json", "how to print the result", AUTH_OPT_CHOICE(struct doctor_settings, format),
     .fallback = "table"},
    AUTH_CLI_COMMON_ROWS(struct doctor_settings)};

struct visit {
    const struct doctor_settings *settings;
    struct auth_config config;
    struct auth_key_source source;
    struct auth_report report;
};

static void fail(struct auth_report_step *step, const char *said)
{
    step->result = AUTH_REPORT_FAILED;
    auth_buf_reset(&step->said);
    auth_buf_add_string(&step->said, said);
}

static void note(struct auth_report_step *step)
{
    if (step->result == AUTH_REPORT_OK)
        step->result = AUTH_REPORT_NOTE;
}

/* ---- settings ---- */

static void look_at_settings(struct visit *visit)
{
    struct auth_report_step *step = auth_report_add(&visit->report, "settings");
    struct auth_view remarks = auth_buf_view(&visit->config.remarks);
    int count = 0;
    for (int i = 0; i < AUTH_SETTINGS; i++)
        count += visit->config.values[i] != NULL;
    auth_buf_addf(&step->said, "%d are set", count);
    auth_buf_add_view(&step->advice, remarks);
    if (remarks.n)
        note(step);
}

static void look_at_client_id(struct visit *visit)
{
    struct auth_report_step *step = auth_report_add(&visit->report, "client id");
    const char *value = visit->config.values[AUTH_SET_CLIENT_ID];
    if (!value) {
        step->result = AUTH_REPORT_FAILED;
        auth_config_explain_missing(&visit->config, AUTH_SET_CLIENT_ID, &step->said);
        return;
    }
    auth_buf_addf(&step->said, "from %s", visit->config.origins[AUTH_SET_CLIENT_ID]);
    if (strstr(value, "://")) {
        note(step);
        auth_buf_add_string(&step->advice, "it is a URL; Epic's client ids are UUIDs\n");
    }
}

/* ---- URLs ---- */

static void look_at_url(struct visit *visit, enum auth_setting setting, const char *name)
{
    struct auth_report_step *step = auth_report_add(&visit->report, name);
    const char *value = visit->config.values[setting];
    struct auth_url url;
    struct auth_err err = {0};
    if (!value) {
        step->result = AUTH_REPORT_FAILED;
        auth_config_explain_missing(&visit->config, setting, &step->said);
        return;
    }
    if (auth_url_parse(auth_view_from_string(value), &url, &err) != AUTH_OK) {
        fail(step, err.detail);
        return;
    }
    auth_text_escape(&step->said, url.host, 100);
    auth_buf_addf(&step->said, ", port %u, from %s", url.port, visit->config.origins[setting]);
    const char *hint = auth_url_hint(setting, value);
    if (*hint) {
        note(step);
        auth_buf_addf(&step->advice, "%s\n", hint);
    }
    if (!url.is_https && !auth_url_is_loopback(&url) && !auth_config_is_on(&visit->config, AUTH_SET_ALLOW_PLAIN_HTTP))
        fail(step, "http:// to another host shows credentials to the network; EPIC_ALLOW_PLAIN_HTTP=1 allows it");
}

/* A token that goes elsewhere than where it came from is a mistake more often than not. */
static void look_at_both_urls(struct visit *visit)
{
    struct auth_url token, base;
    const char *token_url = visit->config.values[AUTH_SET_TOKEN_URL];
    const char *base_url = visit->config.values[AUTH_SET_FHIR_BASE_URL];
    if (!token_url || !base_url || auth_url_parse(auth_view_from_string(token_url), &token, NULL) != AUTH_OK ||
        auth_url_parse(auth_view_from_string(base_url), &base, NULL) != AUTH_OK ||
        auth_view_equals_view_nocase(token.host, base.host))
        return;
    struct auth_report_step *step = auth_report_add(&visit->report, "both URLs");
    note(step);
    auth_buf_add_string(&step->said, "token endpoint and FHIR server are on different hosts: is that meant?");
}

/* ---- keys ---- */

static void look_at_key(struct visit *visit)
{
    struct auth_report_step *step = auth_report_add(&visit->report, "private key");
    struct auth_secrets *secrets = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = auth_secrets_new(&secrets);
    if (rc == AUTH_OK)
        rc = auth_key_source_load(&visit->config, secrets, &visit->source, &err);
    auth_secrets_free(secrets);
    if (rc != AUTH_OK) {
        fail(step, err.detail[0] ? err.detail : auth_rc_text(rc));
        return;
    }
    const struct auth_key *key = visit->source.key;
    auth_buf_addf(&step->said, "%s, %u bits, %s, thumbprint %s", auth_key_type_text(key), auth_key_bits(key),
                  auth_alg_name(auth_alg_for(key)), auth_key_thumbprint(key));
    if (visit->source.remark)
        auth_buf_addf(&step->advice, "%s\n", visit->source.remark);
    if (visit->source.is_file_exposed)
        auth_buf_add_string(&step->advice, "others can read its file; chmod 600 it\n");
    if (auth_key_type(key) != AUTH_KEY_RSA)
        auth_buf_add_string(&step->advice, "Epic takes keys of elliptic curves by a JWK Set URL alone\n");
    if (step->advice.n)
        note(step);
}

static const char *kid_of(const struct visit *visit)
{
    const char *set = visit->config.values[AUTH_SET_KEY_ID];
    if (set)
        return set;
    return visit->source.kid ? visit->source.kid : auth_key_thumbprint(visit->source.key);
}

static enum auth_rc read_file(const char *path, struct auth_buf *text, struct auth_err *err)
{
    auth_buf_init(text, FILE_MAX_N);
    return auth_file_read(path, text, err);
}

static void look_at_cert(struct visit *visit)
{
    struct auth_report_step *step = auth_report_add(&visit->report, "certificate");
    struct auth_key *cert = NULL;
    struct auth_buf text;
    struct auth_err err = {0};
    enum auth_rc rc = read_file(visit->settings->cert, &text, &err);
    if (rc == AUTH_OK)
        rc = auth_key_from_cert(auth_buf_view(&text), &cert, &err);
    if (rc != AUTH_OK)
        fail(step, err.detail);
    else if (!visit->source.key || !auth_key_equal(cert, visit->source.key))
        fail(step, "it is of another key than the private one: upload the certificate of this key");
    else
        auth_buf_addf(&step->said, "of this key; the app page must show SHA-1 %s", auth_key_cert(cert)->sha1);
    auth_key_free(cert);
    auth_buf_clear(&text);
}

static void look_at_jwks(struct visit *visit)
{
    struct auth_report_step *step = auth_report_add(&visit->report, "JWK Set");
    struct auth_jwk_set set = {0};
    struct auth_buf text;
    struct auth_err err = {0};
    const struct auth_jwk_set_entry *found = NULL;
    enum auth_rc rc = read_file(visit->settings->jwks, &text, &err);
    if (rc == AUTH_OK)
        rc = auth_jwk_set_parse(auth_buf_view(&text), &set, &err);
    for (size_t i = 0; i < set.count && visit->source.key; i++) {
        if (set.entries[i].key && auth_key_equal(set.entries[i].key, visit->source.key))
            found = &set.entries[i];
    }
    if (rc != AUTH_OK)
        fail(step, err.detail);
    else if (!found)
        fail(step, "the private key's public half is not in it: publish it, old and new side by side");
    else if (!auth_jwk_set_has_kid(found, auth_view_from_string(kid_of(visit))))
        fail(step, "it holds the key under another kid than assertions name: set EPIC_KEY_ID to the kid of the set");
    else
        auth_buf_addf(&step->said, "holds the key, under the kid that assertions name; %zu usable",
                      auth_jwk_set_usable(&set));
    auth_jwk_set_clear(&set);
    auth_buf_clear(&text);
}

/* ---- the rest ---- */

static void look_at_ca_file(struct visit *visit)
{
    const char *path = visit->config.values[AUTH_SET_CA_FILE];
    struct auth_buf text;
    struct auth_err err = {0};
    if (!path)
        return;
    struct auth_report_step *step = auth_report_add(&visit->report, "CA file");
    auth_buf_init(&text, CA_MAX_N);
    if (auth_file_read(path, &text, &err) != AUTH_OK)
        fail(step, err.detail);
    else if (!auth_view_contains(auth_buf_view(&text), "-----BEGIN CERTIFICATE-----"))
        fail(step, "there is no PEM certificate in it");
    else
        auth_buf_add_string(&step->said, "holds certificates; it counts in place of the system's");
    auth_buf_clear(&text);
}

/* A clock before the program itself was made, or decades later, is wrong for sure. */
static void look_at_clock(struct visit *visit)
{
    enum { MADE_S = 1790000000 };
    const int64_t far_s = MADE_S + INT64_C(20) * 365 * 86400;
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx);
    struct auth_report_step *step = auth_report_add(&visit->report, "clock");
    auth_time_write(&step->said, now_s);
    if (now_s > MADE_S && now_s < far_s)
        return;
    step->result = AUTH_REPORT_FAILED;
    auth_buf_add_string(&step->said, ": no assertion of this time is accepted; set the clock (NTP)");
}

static void look(struct visit *visit)
{
    look_at_settings(visit);
    look_at_client_id(visit);
    look_at_url(visit, AUTH_SET_TOKEN_URL, "token URL");
    look_at_url(visit, AUTH_SET_FHIR_BASE_URL, "FHIR base URL");
    look_at_both_urls(visit);
    look_at_key(visit);
    if (visit->settings->cert)
        look_at_cert(visit);
    if (visit->settings->jwks)
        look_at_jwks(visit);
    look_at_ca_file(visit);
    look_at_clock(visit);
}

static int examine(struct doctor_settings *settings)
{
    static struct visit visit; /* too large for a stack */
    struct auth_buf passphrase;
    struct auth_err err = {0};
    visit = (struct visit){.settings = settings, .report.command = "epic-auth doctor"};
    auth_buf_init(&passphrase, 0);
    enum auth_rc rc = AUTH_OK;
    if (settings->common.passphrase_from)
        rc = auth_cli_read_secret(settings->common.passphrase_from, &passphrase, &err);
    if (passphrase.p)
        settings->common.options.private_key_passphrase = passphrase.p;
    if (rc == AUTH_OK)
        rc = auth_config_load(&settings->common.options, &visit.config, &err);
    if (rc == AUTH_OK)
        look(&visit);
    else
        fail(auth_report_add(&visit.report, "settings"), err.detail);
    int status = auth_report_print(&visit.report, settings->format == FORMAT_JSON);
    auth_report_clear(&visit.report);
    auth_key_source_clear(&visit.source);
    auth_config_clear(&visit.config);
    auth_buf_clear(&passphrase);
    return status;
}

int auth_cli_doctor(int argc, char **argv)
{
    struct doctor_settings settings = {.cert = NULL};
    int status = auth_cli_parse(&argc, argv, doctor_rows, &settings,
                                "Usage: epic-auth doctor [OPTION...]\n\n"
                                "Looks at settings, URLs, key and files, and asks no server: what 'epic-auth\n"
                                "test' would stumble over. With --cert or --jwks it tells whether what was\n"
                                "registered belongs to the key.\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    return argc > 1 ? auth_cli_usage_error("doctor", "no operands, please") : examine(&settings);
}
