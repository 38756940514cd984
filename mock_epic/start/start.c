/* What the options say of the server as a whole, looked at before the port answers. */
#include "mock_epic/start/start.h"

#include <string.h>
#include <unistd.h>

#include "auth/core/address.h"
#include "auth/core/file.h"
#include "auth/core/time.h"
#include "auth/core/url.h"
#include "auth/rules/epic_version.h"

enum { CA_FILE_MAX = 1024 * 1024 };

/* ---- is it sound? ---- */

static enum auth_rc check_tls(const struct mock_settings *settings, struct auth_err *err)
{
    if (!settings->tls_certificate != !settings->tls_key)
        return auth_err_set(err, AUTH_E_ARG, "--tls-cert and --tls-key go together");
    if (settings->tls && settings->tls_certificate)
        return auth_err_set(err, AUTH_E_ARG, "--tls makes its own certificate; give it or --tls-cert, not both");
    if (settings->tls_ca_file && !settings->tls)
        return auth_err_set(err, AUTH_E_ARG, "--tls-ca-file is where --tls writes its CA; give --tls too");
    return AUTH_OK;
}

/* Found at the start, although libcurl reads it at the first fetch. */
static enum auth_rc check_ca_file(const char *path, struct auth_err *err)
{
    struct auth_buf text;
    auth_buf_init(&text, CA_FILE_MAX);
    enum auth_rc rc = path ? auth_file_read(path, &text, err) : AUTH_OK;
    if (rc == AUTH_OK && path && auth_key_sniff(auth_buf_view(&text)) != AUTH_KEY_FORMAT_CERTIFICATE)
        rc = auth_err_set(err, AUTH_E_CONFIG, "--jwks-ca-file %s: no PEM certificate in it", path);
    auth_buf_clear(&text);
    return rc;
}

/* Links and audiences are made by appending to it, so it ends before a query. */
static enum auth_rc check_public_url(const char *text, struct auth_err *err)
{
    struct auth_url url;
    struct auth_err inner = {0};
    if (strlen(text) > 200)
        return auth_err_set(err, AUTH_E_ARG, "--public-url %.80s: more than 200 characters", text);
    if (auth_url_parse(auth_view_from_string(text), &url, &inner) != AUTH_OK)
        return auth_err_set(err, AUTH_E_ARG, "--public-url %.80s: %s", text, inner.detail);
    if (auth_view_find(url.path, '?') < url.path.n || auth_view_find(url.path, '#') < url.path.n)
        return auth_err_set(err, AUTH_E_ARG, "--public-url %.80s: it has a query or a fragment", text);
    return AUTH_OK;
}

enum auth_rc mock_start_check(const struct mock_settings *settings, struct auth_err *err)
{
    if (settings->public_url && check_public_url(settings->public_url, err) != AUTH_OK)
        return AUTH_E_ARG;
    if (settings->prefix[0] && settings->prefix[0] != '/')
        return auth_err_set(err, AUTH_E_ARG, "--prefix %s: it starts with '/'", settings->prefix);
    enum auth_rc rc = check_tls(settings, err);
    return rc == AUTH_OK ? check_ca_file(settings->jwks_ca_file, err) : rc;
}

/* ---- parts ---- */

enum auth_rc mock_start_profile(const struct mock_settings *settings, const struct mock_setup *setup,
                                struct auth_profile *profile, struct auth_err *err)
{
    struct mock_setup of_scenario = *setup;
    if (mock_options_given(settings, &settings->profile))
        of_scenario.profile = auth_view_from_string("");
    const struct auth_profile *named = auth_profile_named(settings->profile);
    if (!named)
        return auth_err_set(err, AUTH_E_ARG, "--profile %s: epic, smart or lenient", settings->profile);
    *profile = *named;
    if (mock_setup_profile(&of_scenario, profile, err) != AUTH_OK)
        return AUTH_E_ARG;
    if (settings->epic_version && auth_epic_version_set(profile, settings->epic_version, err) != AUTH_OK)
        return AUTH_E_ARG;
    for (size_t i = 0; i < settings->switches.count; i++) {
        if (auth_profile_set(profile, settings->switches.items[i], err) != AUTH_OK)
            return AUTH_E_ARG;
    }
    return AUTH_OK;
}

enum auth_rc mock_start_log(const struct mock_settings *settings, struct auth_log *log, struct auth_err *err)
{
    *log = (struct auth_log){
        .level = (enum auth_log_level)settings->log_level,
        .format = (enum auth_log_format)settings->log_format,
        .program = "mock-epic",
        .env = auth_env_system(),
    };
    enum auth_rc rc = auth_log_start(log, STDERR_FILENO);
    return auth_err_of_memory(err, rc);
}

enum auth_rc mock_start_clock(struct mock_instance *instance, const struct mock_settings *settings,
                              struct auth_err *err)
{
    bool has_at = mock_options_given(settings, &settings->at_s);
    if (has_at && mock_options_given(settings, &settings->clock_offset_s))
        return auth_err_set(err, AUTH_E_ARG, "--at and --clock-offset contradict each other");
    bool ok = has_at ? mock_clock_set(&instance->clock, settings->at_s)
                     : mock_clock_set_offset(&instance->clock, settings->clock_offset_s);
    return ok ? AUTH_OK
              : auth_err_set(err, AUTH_E_ARG, "--clock-offset %lld: the clock stays within " AUTH_TIME_RANGE_TEXT,
                             (long long)settings->clock_offset_s);
}

void mock_start_warn_of_clock(struct mock_process *process, const struct mock_settings *settings)
{
    struct mock_clock_state clock = mock_clock_state(&process->instance.clock);
    const int64_t *values = process->profile.values;
    enum { BACKDATED_S = 30 }; /* what clients take off their iat for slow clocks */
    int64_t skew_s = values[AUTH_SWITCH_SKEW_S], ahead_s = clock.offset_s;
    bool is_expired = ahead_s >= values[AUTH_SWITCH_MAX_LIFETIME_S] + skew_s,
         is_early = ahead_s < -skew_s - BACKDATED_S;
    if (!is_expired && !is_early)
        return;
    auth_log_write(&process->log, AUTH_LOG_WARN,
                   "the server's clock is %lld s %s real time: a client that lives in that is refused, its assertions "
                   "%s; %s",
                   (long long)(is_early ? -ahead_s : ahead_s), is_early ? "behind" : "ahead of",
                   is_early ? "are of the future" : "have expired",
                   settings->command == MOCK_RUN
                       ? "--faketime gives COMMAND the server's time"
                       : "run --faketime gives a client the server's time, POST /mock/tokens/age makes tokens older "
                         "without");
}

/* ---- the URL ---- */

/* The host of a listen address as clients of this machine write it: everybody's address is nobody's, so loopback stands for
 * it. The port answers already, so it parses. */
static void add_listen_host(const char *listen, struct auth_buf *url)
{
    struct auth_authority address = {.host = auth_view_from_string("")};
    struct sockaddr_storage literal;
    bool is_parsed = auth_authority_parse(auth_view_from_string(listen), &address);
    bool is_anybody = is_parsed && auth_address_parse(address.host, &literal) &&
                      auth_address_kind((const struct sockaddr *)&literal) == AUTH_ADDRESS_UNSPECIFIED;
    if (is_anybody)
        address.host = auth_view_from_string(address.is_bracketed ? "::1" : "127.0.0.1");
    auth_buf_add_string(url, address.is_bracketed ? "[" : "");
    auth_buf_add_view(url, address.host);
    auth_buf_add_string(url, address.is_bracketed ? "]" : "");
}

/* The listen address as a URL: what clients use unless --public-url says otherwise. */
void mock_start_url(struct mock_process *process, const struct mock_settings *settings)
{
    struct auth_buf url;
    auth_buf_init(&url, sizeof process->url - 1);
    if (settings->public_url) {
        auth_buf_add_string(&url, settings->public_url);
    } else {
        auth_buf_add_string(&url, mock_start_has_tls(settings) ? "https://" : "http://");
        add_listen_host(settings->listen, &url);
        auth_buf_addf(&url, ":%u", process->port);
    }
    while (url.n && url.p[url.n - 1] == '/')
        url.p[--url.n] = '\0';
    memcpy(process->url, url.p ? url.p : "", url.n + 1);
    auth_buf_clear(&url);
}
