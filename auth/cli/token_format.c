/* One writer for each form of a token, and the quoting that each reader undoes. */
#include "auth/cli/token_format.h"

#include "auth/core/json.h"
#include "auth/core/time.h"

/* ---- quoting ---- */

void auth_cli_quote_shell(struct auth_buf *out, struct auth_view value)
{
    auth_buf_add_char(out, '\'');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\'')
            auth_buf_add_string(out, "'\\''"); /* out of the quotes, one that is escaped, and in again */
        else
            auth_buf_add_char(out, value.p[i]);
    }
    auth_buf_add_char(out, '\'');
}

void auth_cli_quote_curl(struct auth_buf *out, struct auth_view value)
{
    static const char specials[] = "\\\"\t\n\r\v", letters[] = "\\\"tnrv";
    auth_buf_add_char(out, '"');
    for (size_t i = 0; i < value.n; i++) {
        size_t special = 0;
        while (special < sizeof letters - 1 && value.p[i] != specials[special])
            special++;
        bool is_special = special < sizeof letters - 1;
        if (is_special)
            auth_buf_add_char(out, '\\');
        auth_buf_add_char(out, is_special ? letters[special] : value.p[i]);
    }
    auth_buf_add_char(out, '"');
}

bool auth_cli_is_line(struct auth_view value)
{
    for (size_t i = 0; i < value.n; i++) {
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
            return false;
    }
    return true;
}

/* ---- formats ---- */

static void write_json(struct auth_buf *out, const struct auth_cli_credential *credential)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "access_token", credential->token);
    auth_json_write_member_text(&w, "token_type", "Bearer");
    auth_json_write_member_int(&w, "expires_in", credential->lifetime_s);
    if (credential->scope)
        auth_json_write_member_text(&w, "scope", credential->scope);
    auth_json_write_end_object(&w);
}

/* What kubectl expects of an exec plugin. */
static void write_exec_credential(struct auth_buf *out, const struct auth_cli_credential *credential)
{
    struct auth_json_writer w;
    struct auth_buf time;
    auth_buf_init(&time, 64);
    auth_time_write(&time, credential->expires_s);
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "apiVersion", "client.authentication.k8s.io/v1");
    auth_json_write_member_text(&w, "kind", "ExecCredential");
    auth_json_write_key(&w, "status");
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "token", credential->token);
    auth_json_write_member_buf(&w, "expirationTimestamp", &time);
    auth_json_write_end_object(&w);
    auth_json_write_end_object(&w);
    auth_buf_clear(&time);
}

static void write_curl_config(struct auth_buf *out, const struct auth_cli_credential *credential)
{
    struct auth_buf header;
    auth_buf_init_secret(&header, out->cap);
    auth_buf_addf(&header, "Authorization: Bearer %s", credential->token);
    auth_buf_add_string(out, "header = ");
    auth_cli_quote_curl(out, auth_buf_view(&header));
    if (!auth_buf_ok(&header))
        out->is_spoiled = true;
    auth_buf_clear(&header);
}

/* git-credential(1): what `get` answers. */
static void write_git_credential(struct auth_buf *out, const struct auth_cli_credential *credential)
{
    auth_buf_addf(out, "username=%s\npassword=%s\npassword_expiry_utc=%lld", credential->username, credential->token,
                  (long long)credential->expires_s);
}

enum auth_rc auth_cli_format(enum auth_cli_format format, const struct auth_cli_credential *credential,
                             struct auth_buf *out)
{
    struct auth_view token = auth_view_from_string(credential->token);
    bool is_by_line = format != AUTH_CLI_JSON && format != AUTH_CLI_EXEC_CREDENTIAL && format != AUTH_CLI_ENV;
    if (is_by_line && (!auth_cli_is_line(token) || !auth_cli_is_line(auth_view_from_string(credential->username))))
        return AUTH_E_ARG;
    switch (format) {
    case AUTH_CLI_HEADER:
        auth_buf_addf(out, "Authorization: Bearer %s", credential->token);
        break;
    case AUTH_CLI_JSON:
        write_json(out, credential);
        break;
    case AUTH_CLI_ENV:
        auth_buf_add_string(out, "EPIC_ACCESS_TOKEN=");
        auth_cli_quote_shell(out, token);
        break;
    case AUTH_CLI_CURL_CONFIG:
        write_curl_config(out, credential);
        break;
    case AUTH_CLI_EXEC_CREDENTIAL:
        write_exec_credential(out, credential);
        break;
    case AUTH_CLI_GIT_CREDENTIAL:
        write_git_credential(out, credential);
        break;
    default:
        auth_buf_add_view(out, token);
    }
    return auth_buf_check(out, NULL);
}
