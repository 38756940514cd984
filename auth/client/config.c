/* The layers of settings and which wins, and what is odd about what people wrote. */
#include "auth/client/config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "auth/client/dotenv.h"
#include "auth/client/near_name.h"
#include "auth/core/file.h"
#include "auth/core/input.h"
#include "auth/core/text.h"

extern char **environ;

enum { ENV_FILE_MAX = 256 * 1024, REMARKS_MAX = 64 * 1024 };

static const char from_option[] = "option", from_environment[] = "environment", from_env_file[] = ".env";

bool auth_config_is_key_text(const char *path)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n";
    enum { PATH_USUAL_N = 300 };
    bool is_base64 = !path[strspn(path, base64)];
    return strstr(path, "-----BEGIN") || strstr(path, "PRIVATE KEY") || path[0] == '{' ||
           (is_base64 && (strncmp(path, "LS0tLS1CRUdJTi", 14) == 0 || strlen(path) > PATH_USUAL_N));
}

bool auth_config_is_on(const struct auth_config *config, enum auth_setting setting)
{
    return config->values[setting] && config->values[setting][0] == '1';
}

void auth_config_explain_missing(const struct auth_config *config, enum auth_setting setting, struct auth_buf *out)
{
    const char *near = config->near[setting], *near_origin = config->near_origins[setting];
    if (setting == AUTH_SET_KEY_PATH && !near) {
        near = config->near[AUTH_SET_KEY_PEM];
        near_origin = config->near_origins[AUTH_SET_KEY_PEM];
    }
    auth_buf_add_string(out, auth_setting_name(setting));
    if (config->origins[setting])
        auth_buf_addf(out, " is empty (%s)", config->origins[setting]);
    else
        auth_buf_add_string(out, " is not set");
    if (setting == AUTH_SET_KEY_PATH)
        auth_buf_addf(out, ", nor is %s", auth_setting_name(AUTH_SET_KEY_PEM));
    if (near)
        auth_buf_addf(out, " (%s is, in %s)", near, near_origin);
}

/* ---- keeping ---- */

static void wipe_free(char **text)
{
    if (*text)
        auth_wipe(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

static void remark(struct auth_config *config, const char *format, ...) AUTH_PRINTF(2, 3);
static void remark(struct auth_config *config, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auth_buf_vaddf(&config->remarks, format, args);
    va_end(args);
    auth_buf_add_char(&config->remarks, '\n');
}

/* Keep a value unless one with precedence is there. An empty one has precedence too: it is how a lower layer's is kept out.
 * Of all settings only the key id has a meaning for it: send none. Within a .env the last of equal names counts, as for
 * shells and other readers of such files. */
static enum auth_rc keep(struct auth_config *config, enum auth_setting setting, struct auth_view value,
                         const char *origin)
{
    bool is_again = origin == from_env_file && config->origins[setting] == from_env_file;
    if (config->origins[setting] && !is_again)
        return AUTH_OK;
    if (is_again && config->values[setting])
        remark(config, "%s stands twice in .env: the last one counts", auth_setting_name(setting));
    wipe_free(&config->values[setting]);
    config->origins[setting] = origin;
    if (!value.n && setting != AUTH_SET_KEY_ID)
        return AUTH_OK;
    config->values[setting] = auth_view_dup(value);
    return config->values[setting] ? AUTH_OK : AUTH_E_NOMEM;
}

/* A layer has spoken. The key is one setting with two names: a path given here must not lose to a PEM that a lower layer
 * happens to hold, e.g. the one that mock-epic exports to the PEM of some .env. */
static void close_layer(struct auth_config *config)
{
    if (config->values[AUTH_SET_KEY_PATH] && !config->origins[AUTH_SET_KEY_PEM])
        config->origins[AUTH_SET_KEY_PEM] = config->origins[AUTH_SET_KEY_PATH];
}

/* ---- names that are none of ours ---- */

static enum auth_rc note_near_name(struct auth_config *config, struct auth_view name, const char *origin)
{
    enum auth_setting meant = auth_near_name(name, origin == from_env_file);
    if (meant == AUTH_SETTINGS || config->near[meant])
        return AUTH_OK;
    config->near[meant] = auth_view_dup(name);
    config->near_origins[meant] = origin;
    return config->near[meant] ? AUTH_OK : AUTH_E_NOMEM;
}

/* Who has set what is meant may have other names for other programs. */
static void remark_near_names(struct auth_config *config)
{
    bool has_key = config->values[AUTH_SET_KEY_PATH] || config->values[AUTH_SET_KEY_PEM];
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        bool is_key = i == AUTH_SET_KEY_PATH || i == AUTH_SET_KEY_PEM;
        if (config->near[i] && (config->values[i] || (is_key && has_key)))
            wipe_free(&config->near[i]);
        if (config->near[i])
            remark(config, "%s is set in %s%s; this program reads %s", config->near[i],
                   config->near_origins[i] == from_environment ? "the " : "", config->near_origins[i],
                   auth_setting_name((enum auth_setting)i));
    }
}

/* ---- the environment ---- */

/* What docker --env-file and some editors leave around a value: no setting has such a pair itself. */
static struct auth_view without_quotes(struct auth_view value)
{
    static const char *const pairs[][2] = {
        {"\"", "\""},
        {"'", "'"},
        {"\xe2\x80\x9c", "\xe2\x80\x9d"}, /* typographic, as word processors and chats make of the plain ones */
        {"\xe2\x80\x98", "\xe2\x80\x99"},
        {"\xe2\x80\x9e", "\xe2\x80\x9c"},
        {"\xc2\xab", "\xc2\xbb"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t before_n = strlen(pairs[i][0]), behind_n = strlen(pairs[i][1]);
        if (value.n >= before_n + behind_n && auth_view_starts(value, pairs[i][0]) &&
            auth_view_ends(value, pairs[i][1]))
            return auth_view_bytes(value.p + before_n, value.n - before_n - behind_n);
    }
    return value;
}

static enum auth_rc keep_unquoted(struct auth_config *config, enum auth_setting setting, struct auth_view value,
                                  const char *origin)
{
    struct auth_view inner = without_quotes(value);
    if (inner.n != value.n && !config->origins[setting])
        remark(config, "the quotation marks around %s (%s) do not count%s", auth_setting_name(setting), origin,
               origin == from_environment && (value.p[0] == '"' || value.p[0] == '\'')
                   ? "; docker --env-file keeps them in a value"
                   : "");
    return keep(config, setting, inner, origin);
}

static enum auth_rc load_environment(struct auth_config *config)
{
    enum auth_rc rc = AUTH_OK;
    for (int i = 0; i < AUTH_SETTINGS && rc == AUTH_OK; i++) {
        const char *value = getenv(auth_setting_name((enum auth_setting)i));
        if (value)
            rc = keep_unquoted(config, (enum auth_setting)i, auth_view_from_string(value), from_environment);
    }
    for (char **line = environ; line && *line && rc == AUTH_OK; line++)
        rc = note_near_name(config, auth_view_bytes(*line, strcspn(*line, "=")), from_environment);
    close_layer(config);
    return rc;
}

/* ---- .env ---- */

struct env_file {
    struct auth_config *config;
    struct auth_view folder; /* with its '/'; empty: the working directory */
};

/* A path in a .env starts from the folder of the .env, whatever the working directory is. */
static enum auth_rc keep_path(const struct env_file *file, enum auth_setting setting, struct auth_view value)
{
    struct auth_buf whole;
    auth_buf_init(&whole, 2 * ENV_FILE_MAX);
    if (!auth_view_starts(value, "/") && !auth_view_starts(value, "~"))
        auth_buf_add_view(&whole, file->folder);
    auth_buf_add_view(&whole, value);
    enum auth_rc rc = auth_buf_check(&whole, NULL);
    if (rc == AUTH_OK)
        rc = keep(file->config, setting, auth_buf_view(&whole), from_env_file);
    auth_buf_clear(&whole);
    return rc;
}

static enum auth_rc take_env_line(void *ctx, struct auth_view name, struct auth_view value)
{
    const struct env_file *file = ctx;
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        enum auth_setting setting = (enum auth_setting)i;
        if (!auth_view_equals(name, auth_setting_name((enum auth_setting)i)))
            continue;
        bool is_path = value.n && auth_setting_kind((enum auth_setting)i) == AUTH_SETTING_PATH &&
                       !auth_config_is_key_text(value.p);
        return is_path ? keep_path(file, setting, value) : keep_unquoted(file->config, setting, value, from_env_file);
    }
    return note_near_name(file->config, name, from_env_file);
}

static enum auth_rc load_env_file(const char *path, struct auth_config *config, struct auth_err *err)
{
    struct auth_buf text;
    struct auth_err inner = {0};
    const char *name = path ? path : ".env", *slash = strrchr(name, '/');
    size_t foreign_line = 0;
    struct env_file file = {config, auth_view_bytes(name, slash ? (size_t)(slash + 1 - name) : 0)};
    if (!*name)
        return AUTH_OK;
    auth_buf_init_secret(&text, ENV_FILE_MAX);
    enum auth_rc rc = path ? auth_input_read(path, &text, &inner) : auth_file_read(name, &text, &inner);
    if (rc == AUTH_E_NOT_FOUND && !path) {
        rc = AUTH_OK; /* the default one may be absent */
    } else if (rc == AUTH_OK) {
        rc = auth_dotenv_parse(auth_buf_view(&text), take_env_line, &file, &foreign_line, &inner);
        if (foreign_line)
            remark(config, "line %zu of .env is no NAME=VALUE and does not count", foreign_line);
        if (rc != AUTH_OK)
            rc = auth_err_set(err, AUTH_E_CONFIG, "%s: %s", name, inner.detail);
    } else {
        rc = auth_err_set(err, AUTH_E_CONFIG, "%s", inner.detail);
    }
    auth_buf_clear(&text);
    return rc;
}

/* ---- what is odd about values ---- */

/* What nobody expands here, though shells do. */
static const char *unexpanded(enum auth_setting_kind kind, struct auth_view value)
{
    if (kind == AUTH_SETTING_PATH && auth_view_starts(value, "~"))
        return "~";
    if (kind == AUTH_SETTING_PATH && auth_view_starts(value, "%") && auth_view_contains(auth_view_from(value, 1), "%"))
        return "%";
    return auth_view_contains(value, "${") || auth_view_starts(value, "$") ? "$" : NULL;
}

/* A value that stands where one is to be filled in. */
static bool is_placeholder(struct auth_view value)
{
    static const char *const words[] = {"undefined", "null", "none",      "changeme",       "todo",
                                        "xxx",       "...",  "client_id", "your_client_id", "your-client-id"};
    if (auth_view_starts(value, "<") || auth_view_starts(value, "{{") || auth_view_starts(value, "%{"))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (auth_view_equals_nocase(value, words[i]))
            return true;
    }
    if (value.n > 4 && auth_view_equals_nocase(auth_view_bytes(value.p, 4), "xxxx"))
        return true;
    return value.n > 5 && (auth_view_equals_nocase(auth_view_bytes(value.p, 5), "your_") ||
                           auth_view_equals_nocase(auth_view_bytes(value.p, 5), "your-"));
}

/* Blanks around it, or characters that nobody sees: they make another value of it, and no page shows them. */
static bool has_unseen(struct auth_view value)
{
    struct auth_buf shown;
    auth_buf_init(&shown, ENV_FILE_MAX);
    auth_text_escape(&shown, value, value.n + 1);
    bool is_odd = auth_view_trim(value).n != value.n ||
                  (auth_buf_ok(&shown) && !auth_view_equals_view(auth_buf_view(&shown), value));
    auth_buf_clear(&shown);
    return is_odd || auth_view_contains(value, "\xc2\xa0");
}

/* What does not belong to an id, nor to anything that is an id with something around it. */
static bool is_more_than_an_id(struct auth_view value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (strchr("{}<>()\"'`@:, \t", value.p[i]) || (unsigned char)value.p[i] >= 0x80)
            return true;
    }
    return false;
}

/* C:\keys\k.pem, \\server\share */
static bool is_windows_path(struct auth_view value)
{
    bool has_drive = value.n > 2 && value.p[1] == ':' && (value.p[2] == '\\' || value.p[2] == '/');
    return has_drive || auth_view_starts(value, "\\\\");
}

static const char *oddity(enum auth_setting setting, struct auth_view value)
{
    if (has_unseen(value))
        return "begins or ends with white space, or holds characters that nobody sees";
    if (auth_view_ends(value, ";") || auth_view_ends(value, ","))
        return "ends with a ; or , which counts as part of it";
    if (auth_setting_kind(setting) == AUTH_SETTING_PATH && auth_view_starts(value, "file:"))
        return "is a URL, where a path is read";
    if (auth_setting_kind(setting) == AUTH_SETTING_PATH && is_windows_path(value))
        return "is a path of Windows; write it as the system has it that this runs on (in WSL C:\\ is /mnt/c/)";
    if (auth_setting_kind(setting) == AUTH_SETTING_PATH && auth_view_starts(value, "@"))
        return "begins with @, which counts as part of the name";
    if (setting == AUTH_SET_CLIENT_ID && is_more_than_an_id(value))
        return "holds more than an id: write it as the app page shows it, and nothing else";
    return NULL;
}

static void remark_value(struct auth_config *config, enum auth_setting setting)
{
    const char *name = auth_setting_name(setting);
    struct auth_view value = auth_view_from_string(config->values[setting]);
    const char *mark = unexpanded(auth_setting_kind(setting), value), *origin = config->origins[setting];
    if (mark)
        remark(config, "%s (%s) holds %s, which is not expanded here", name, origin, mark);
    else if (is_placeholder(value))
        remark(config, "%s (%s) looks like a placeholder that was never filled in", name, origin);
    else if (oddity(setting, value))
        remark(config, "%s (%s) %s", name, origin, oddity(setting, value));
}

/* On or off, however it is written. */
static enum auth_rc read_switch(struct auth_config *config, enum auth_setting setting, struct auth_err *err)
{
    static const char *const words[] = {"0", "1", "false", "true", "no", "yes", "off", "on"}; /* off, on, off ... */
    struct auth_view value = auth_view_from_string(config->values[setting]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!auth_view_equals_nocase(value, words[i]))
            continue;
        wipe_free(&config->values[setting]);
        config->values[setting] = auth_view_dup(auth_view_from_string(i % 2 ? "1" : "0"));
        return config->values[setting] ? AUTH_OK : AUTH_E_NOMEM;
    }
    return auth_err_set(err, AUTH_E_CONFIG, "%s (%s) takes 1 or 0", auth_setting_name(setting),
                        config->origins[setting]);
}

static enum auth_rc look_at_values(struct auth_config *config, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    for (int i = 0; i < AUTH_SETTINGS && rc == AUTH_OK; i++) {
        bool is_text = auth_setting_kind((enum auth_setting)i) == AUTH_SETTING_PATH && config->values[i] &&
                       auth_config_is_key_text(config->values[i]); /* an error, later; no word about its content here */
        if (!config->values[i] || auth_setting_kind((enum auth_setting)i) == AUTH_SETTING_SECRET || is_text)
            continue;
        if (auth_setting_kind((enum auth_setting)i) == AUTH_SETTING_SWITCH)
            rc = read_switch(config, (enum auth_setting)i, err);
        else
            remark_value(config, (enum auth_setting)i);
    }
    return rc;
}

/* ---- all layers ---- */

static enum auth_rc take_options(const struct epic_auth_options *options, struct auth_config *config)
{
    enum auth_rc rc = AUTH_OK;
    for (int i = 0; i < AUTH_SETTINGS && rc == AUTH_OK; i++) {
        const char *at = (const char *)options + auth_setting_option((enum auth_setting)i);
        const char *value = NULL;
        if (auth_setting_kind((enum auth_setting)i) == AUTH_SETTING_SWITCH)
            value = options->allow_plain_http ? "1" : NULL;
        else
            memcpy(&value, at, sizeof value);
        if (value)
            rc = keep(config, (enum auth_setting)i, auth_view_from_string(value), from_option);
    }
    close_layer(config);
    return rc;
}

enum auth_rc auth_config_load(const struct epic_auth_options *options, struct auth_config *config, struct auth_err *err)
{
    static const struct epic_auth_options none = {.size = sizeof none};
    if (!options)
        options = &none;
    memset(config, 0, sizeof *config);
    auth_buf_init(&config->remarks, REMARKS_MAX);
    enum auth_rc rc = take_options(options, config);
    if (rc == AUTH_OK)
        rc = load_environment(config);
    if (rc == AUTH_OK)
        rc = load_env_file(options->env_file, config, err);
    if (rc == AUTH_OK)
        rc = look_at_values(config, err);
    remark_near_names(config);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&config->remarks, err);
    if (rc != AUTH_OK) {
        auth_config_clear(config);
        return auth_err_set(err, rc, "out of memory");
    }
    return AUTH_OK;
}

bool auth_config_is_base_alone(const struct auth_config *config)
{
    enum auth_setting key = config->values[AUTH_SET_KEY_PEM] ? AUTH_SET_KEY_PEM : AUTH_SET_KEY_PATH;
    return config->origins[AUTH_SET_FHIR_BASE_URL] == from_env_file && config->origins[key] != from_env_file &&
           config->origins[AUTH_SET_TOKEN_URL] != from_env_file;
}

void auth_config_clear(struct auth_config *config)
{
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        wipe_free(&config->values[i]);
        wipe_free(&config->near[i]);
    }
    auth_buf_clear(&config->remarks);
    memset(config, 0, sizeof *config);
}
