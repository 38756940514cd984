/* What the command of run sees otherwise than the user set it, and why. */
#include "mock_epic/cli/run_environment.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/file.h"

enum { NAMES_MAX_N = 16 * 1024, ENV_FILE_MAX_N = 256 * 1024, BUNDLE_MAX_N = 16 * 1024 * 1024, DRIVE_MAX_N = 64 * 1024 };

/* Names of variables, for the line that says what was changed. */
struct changes {
    struct mock_variables *variables;
    const struct auth_log *log;
    struct auth_buf dot_env; /* the .env of the working directory, as epic-auth and others will read it */
    struct auth_buf unset, emptied, changed;
};

static void note(struct auth_buf *names, const char *name)
{
    auth_buf_addf(names, "%s%s", names->n ? ", " : "", name);
}

/* ---- variables ---- */

static void set(struct changes *c, const char *name, const char *value)
{
    const char *old = mock_variables_get(c->variables, name);
    if (old && *old && strcmp(old, value) != 0)
        note(&c->changed, name);
    mock_variables_set(c->variables, name, value);
}

/* A line "NAME=…" or "export NAME=…". */
static bool is_in_dot_env(const struct changes *c, const char *name)
{
    struct auth_view rest = auth_buf_view(&c->dot_env);
    while (rest.n) {
        struct auth_view line = auth_view_trim(auth_view_split(&rest, '\n'));
        if (auth_view_starts(line, "export "))
            line = auth_view_trim(auth_view_from(line, 7));
        size_t equals = auth_view_find(line, '=');
        if (equals < line.n && auth_view_equals(auth_view_trim(auth_view_bytes(line.p, equals)), name))
            return true;
    }
    return false;
}

/* Where .env sets it, an empty variable is what keeps that out. */
static void withhold(struct changes *c, const char *name)
{
    if (is_in_dot_env(c, name)) {
        mock_variables_set(c->variables, name, "");
        note(&c->emptied, name);
    } else if (mock_variables_get(c->variables, name)) {
        mock_variables_unset(c->variables, name);
        note(&c->unset, name);
    }
}

/* The options of this mock are not those of another that the command may start. */
static void withhold_own(struct changes *c)
{
    static const char prefix[] = "MOCK_EPIC_";
    for (size_t i = 0; i < c->variables->count;) {
        struct auth_view rest = auth_view_from_string(c->variables->entries[i]);
        struct auth_view name = auth_view_split(&rest, '=');
        bool is_own = auth_view_starts(name, prefix) && !auth_view_equals(name, "MOCK_EPIC_URL");
        char *copy = is_own ? auth_view_dup(name) : NULL;
        c->variables->failed = c->variables->failed || (is_own && !copy);
        if (copy) {
            mock_variables_unset(c->variables, copy); /* moves the next entry here */
            note(&c->unset, copy);
        } else {
            i++;
        }
        free(copy);
    }
}

/* ---- proxies ---- */

/* Of a list with commas. */
static bool has_host(struct auth_view list, struct auth_view host)
{
    while (list.n) {
        struct auth_view item = auth_view_trim(auth_view_split(&list, ','));
        if (auth_view_equals_view(item, host) || auth_view_equals(item, "*"))
            return true;
    }
    return false;
}

static void add_host(struct auth_buf *list, struct auth_view host)
{
    if (!host.n || has_host(auth_buf_view(list), host))
        return;
    auth_buf_add_string(list, list->n ? "," : "");
    auth_buf_add_view(list, host);
}

/* No proxy reaches a mock on this machine. Both spellings are read, by some programs one alone. */
static void bypass_proxies(struct changes *c, struct auth_view listen_host)
{
    static const char *const names[] = {"no_proxy", "NO_PROXY"};
    static const char *const hosts[] = {"127.0.0.1", "localhost", "::1", "[::1]"};
    struct auth_buf lists[2];
    for (int i = 0; i < 2; i++) {
        const char *own = mock_variables_get(c->variables, names[i]);
        const char *other = mock_variables_get(c->variables, names[!i]);
        auth_buf_init(&lists[i], NAMES_MAX_N * 16);
        auth_buf_add_string(&lists[i], own && *own ? own : other ? other : "");
        for (size_t k = 0; k < sizeof hosts / sizeof *hosts; k++)
            add_host(&lists[i], auth_view_from_string(hosts[k]));
        add_host(&lists[i], listen_host);
    }
    for (int i = 0; i < 2; i++) {
        if (auth_buf_ok(&lists[i]))
            set(c, names[i], lists[i].p);
        else
            c->variables->failed = true;
        auth_buf_clear(&lists[i]);
    }
}

/* ---- CAs ---- */

/* Where systems keep theirs: Debian, Fedora, openSUSE, Alpine and the BSDs. */
static const char *const system_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
};

/* Variables that take the place of the system's CAs, each before the one whose absence makes it look there. */
static const struct {
    const char *name, *else_name, *file;
} bundle_variables[] = {
    {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "requests_ca_bundle.pem"},
    {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "curl_ca_bundle.pem"},
    {"SSL_CERT_FILE", NULL, "ssl_cert_file.pem"},
};
enum { BUNDLES = sizeof bundle_variables / sizeof *bundle_variables };

/* The user's file, if the variable names one that can be read. */
static bool read_named(const struct changes *c, const char *name, struct auth_buf *out)
{
    const char *path = name ? mock_variables_get(c->variables, name) : NULL;
    struct auth_err why = {0};
    if (!path || !*path)
        return false;
    if (auth_file_read(path, out, &why) == AUTH_OK)
        return true;
    auth_log_write(c->log, AUTH_LOG_WARN, "%s: its CAs are not passed on: %s", name, why.detail);
    auth_buf_reset(out);
    return false;
}

static void read_system(struct auth_buf *out)
{
    bool is_read = false;
    for (size_t i = 0; !is_read && i < sizeof system_bundles / sizeof *system_bundles; i++) {
        is_read = auth_file_read(system_bundles[i], out, NULL) == AUTH_OK;
        if (!is_read)
            auth_buf_reset(out);
    }
}

static enum auth_rc set_bundle(struct changes *c, const char *name, const char *file, struct auth_buf *base,
                               struct auth_view ca, struct mock_temporary *temporary, struct auth_err *err)
{
    const char *path;
    if (base->n && base->p[base->n - 1] != '\n')
        auth_buf_add_char(base, '\n');
    auth_buf_add_view(base, ca);
    enum auth_rc rc = auth_buf_check(base, err);
    if (rc == AUTH_OK)
        rc = mock_temporary_write(temporary, file, auth_buf_view(base), 0644, &path, err);
    if (rc == AUTH_OK)
        set(c, name, path);
    return rc;
}

/* Clients trust our CA as well as those they trusted before: a test may call other servers too. */
static enum auth_rc add_ca(struct changes *c, struct auth_view ca, const char *ca_file,
                           struct mock_temporary *temporary, struct auth_err *err)
{
    struct auth_buf base;
    enum auth_rc rc = AUTH_OK;
    auth_buf_init(&base, BUNDLE_MAX_N);
    if (!ca_file)
        rc = mock_temporary_write(temporary, "mock_epic_ca.pem", ca, 0644, &ca_file, err);
    if (rc == AUTH_OK)
        set(c, "EPIC_CA_FILE", ca_file);
    for (int i = 0; i < BUNDLES && rc == AUTH_OK; i++) {
        auth_buf_reset(&base);
        if (!read_named(c, bundle_variables[i].name, &base) && !read_named(c, bundle_variables[i].else_name, &base))
            read_system(&base);
        rc = set_bundle(c, bundle_variables[i].name, bundle_variables[i].file, &base, ca, temporary, err);
    }
    auth_buf_reset(&base);
    (void)read_named(c, "NODE_EXTRA_CA_CERTS", &base); /* Node adds it to its own */
    if (rc == AUTH_OK)
        rc = set_bundle(c, "NODE_EXTRA_CA_CERTS", "node_extra_ca_certs.pem", &base, ca, temporary, err);
    auth_buf_clear(&base);
    return rc;
}

/* ---- all of it ---- */

/* A key of the user's beside ours would be taken for it; a token of elsewhere's for one of ours. */
static void withhold_others(struct changes *c, bool is_tls, bool is_own_key)
{
    static const char *const key_names[] = {"EPIC_PRIVATE_KEY_PEM", "EPIC_KEY_ID", "EPIC_JKU"};
    for (size_t i = 0; is_own_key && i < sizeof key_names / sizeof *key_names; i++)
        withhold(c, key_names[i]);
    withhold(c, "EPIC_TOKEN_CACHE");
    if (!is_tls) /* plain http needs no CA, and a wrong file is an error */
        withhold(c, "EPIC_CA_FILE");
    withhold_own(c);
}

/* What the command has to do to come to a scenario's point, line by line. */
static void set_drive(struct changes *c, const struct mock_scenario *scenario)
{
    struct auth_buf lines;
    if (!scenario)
        return;
    auth_buf_init(&lines, DRIVE_MAX_N);
    for (const struct auth_json_node *line = auth_json_first(scenario->drive); line; line = auth_json_next(line)) {
        auth_buf_add_view(&lines, auth_json_string(line));
        auth_buf_add_char(&lines, '\n');
    }
    if (auth_buf_ok(&lines))
        set(c, "EPIC_SCENARIO_DRIVE", lines.n ? lines.p : "");
    else
        c->variables->failed = true;
    auth_buf_clear(&lines);
}

static void tell(const struct changes *c)
{
    struct auth_buf line;
    const struct {
        const char *what, *why;
        const struct auth_buf *names;
    } parts[] = {
        {"unset ", "", &c->unset}, {"emptied ", ", which .env sets", &c->emptied}, {"changed ", "", &c->changed}};
    auth_buf_init(&line, NAMES_MAX_N);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].names->n)
            auth_buf_addf(&line, "%s%s%s%s", line.n ? "; " : "", parts[i].what, parts[i].names->p, parts[i].why);
    }
    if (line.n)
        auth_log_write(c->log, AUTH_LOG_WARN, "your variables, for the command: %s", line.p);
    auth_buf_clear(&line);
}

struct auth_view mock_run_listen_host(const char *listen)
{
    const char *colon = strrchr(listen, ':');
    struct auth_view host = auth_view_bytes(listen, colon ? (size_t)(colon - listen) : 0);
    bool is_any = auth_view_equals(host, "0.0.0.0") || auth_view_equals(host, "[::]");
    return is_any ? auth_view_from_string("") : host;
}

enum auth_rc mock_run_environment(const struct mock_run_place *place, struct mock_provision *provision,
                                  struct mock_variables *variables, struct auth_err *err)
{
    struct changes c = {.log = place->log, .variables = variables};
    struct auth_buf *const names[] = {&c.unset, &c.emptied, &c.changed};
    enum auth_rc rc = AUTH_OK;
    mock_variables_init(variables);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        auth_buf_init(names[i], NAMES_MAX_N);
    auth_buf_init_secret(&c.dot_env, ENV_FILE_MAX_N);
    if (auth_file_read(".env", &c.dot_env, NULL) != AUTH_OK)
        auth_buf_reset(&c.dot_env);
    withhold_others(&c, place->is_tls, provision->key_path != NULL);
    set(&c, "EPIC_TOKEN_URL", place->token_url);
    set(&c, "EPIC_FHIR_BASE_URL", place->fhir_url);
    set(&c, "MOCK_EPIC_URL", place->url);
    if (provision->client_id)
        set(&c, "EPIC_BACKEND_CLIENT_ID", provision->client_id);
    if (provision->key_path)
        set(&c, "EPIC_PRIVATE_KEY_PATH", provision->key_path);
    set_drive(&c, provision->played.scenario);
    bypass_proxies(&c, place->host);
    if (place->ca.n)
        rc = add_ca(&c, place->ca, place->ca_file, &provision->temporary, err);
    if (rc == AUTH_OK && variables->failed)
        rc = auth_err_no_memory(err);
    if (rc == AUTH_OK)
        tell(&c);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        auth_buf_clear(names[i]);
    auth_buf_clear(&c.dot_env);
    return rc;
}
