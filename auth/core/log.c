#include "auth/core/log.h"

#include <string.h>
#include <unistd.h>

#include "auth/core/json.h"
#include "auth/core/text.h"

enum { LINE_MAX_N = 8192, TOKEN_MIN_N = 20 };

static const char redacted[] = "[redacted]";

static bool is_credential_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~+/=%", c));
}

static size_t credential_run(struct auth_view text)
{
    size_t n = 0;
    while (n < text.n && is_credential_char(text.p[n]))
        n++;
    return n;
}

static bool starts_nocase(struct auth_view text, const char *prefix)
{
    size_t n = strlen(prefix);
    return text.n >= n && auth_view_is_nocase(auth_view_bytes(text.p, n), prefix);
}

/* "eyJ" is how the base64url of every JSON object that starts with {" begins: the header of a JWT. */
static size_t jwt_run(struct auth_view text)
{
    size_t n = starts_nocase(text, "eyJ") ? credential_run(text) : 0;
    return n >= TOKEN_MIN_N && auth_view_find(auth_view_bytes(text.p, n), '.') < n ? n : 0;
}

static size_t pem_run(struct auth_view text)
{
    if (!auth_view_starts(text, "-----BEGIN") || !memchr(text.p, 'K', text.n < 40 ? text.n : 40))
        return 0;
    return auth_view_find_text(text, "-----END"); /* all of it, when it is cut off before its end */
}

/* Length of a secret's name with what separates it from the value ("name=", "name":"), 0 when none starts here. */
static size_t label_run(struct auth_view text)
{
    static const char *const labels[] = {"client_assertion", "client_secret", "access_token", "refresh_token"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (!starts_nocase(text, labels[i]))
            continue;
        size_t n = strlen(labels[i]);
        while (n < text.n && strchr("\"':= \t\\", text.p[n]) && text.p[n])
            n++;
        return n > strlen(labels[i]) ? n : 0;
    }
    return starts_nocase(text, "Bearer ") ? sizeof "Bearer " - 1 : 0;
}

void auth_log_redact(struct auth_buf *out, struct auth_view text)
{
    while (text.n) {
        size_t label = label_run(text);
        if (label) {
            auth_text_show(out, auth_view_bytes(text.p, label), label);
            text = auth_view_bytes(text.p + label, text.n - label);
        }
        size_t secret = label ? credential_run(text) : jwt_run(text);
        if (!secret && !label)
            secret = pem_run(text);
        if (secret) {
            auth_buf_add_string(out, redacted);
            text = auth_view_bytes(text.p + secret, text.n - secret);
        } else if (text.n && !label) {
            size_t n = auth_text_sequence(text);
            n = n ? n : 1;
            auth_text_show(out, auth_view_bytes(text.p, n), n);
            text = auth_view_bytes(text.p + n, text.n - n);
        }
    }
}

static const char *const level_texts[] = {"error", "warn", "info", "debug"};

static void write_json_line(const struct auth_log *log, enum auth_log_level level, struct auth_view message,
                            struct auth_buf *line)
{
    struct auth_jsonw w;
    struct auth_buf time;
    auth_buf_init(&time, 64);
    auth_text_time(&time, log->env->wall_s(log->env->ctx));
    auth_jsonw_init(&w, line, AUTH_JSON_COMPACT);
    auth_jsonw_object(&w);
    auth_jsonw_member(&w, "time", auth_buf_view(&time));
    auth_jsonw_member_text(&w, "level", level_texts[level]);
    auth_jsonw_member_text(&w, "program", log->program);
    auth_jsonw_member(&w, "message", message);
    auth_jsonw_end_object(&w);
    auth_buf_clear(&time);
}

void auth_log_write(const struct auth_log *log, enum auth_log_level level, const char *format, ...)
{
    if (!log || level > log->level)
        return;
    struct auth_buf message, shown, line;
    va_list args;
    auth_buf_init_secret(&message, LINE_MAX_N);
    auth_buf_init(&shown, LINE_MAX_N * 4);
    auth_buf_init(&line, LINE_MAX_N * 8);
    va_start(args, format);
    auth_buf_vaddf(&message, format, args);
    va_end(args);
    if (!auth_buf_ok(&message)) {
        auth_buf_reset(&message);
        auth_buf_add_string(&message, "(a message too long to log)");
    }
    auth_log_redact(&shown, auth_buf_view(&message));
    if (log->format == AUTH_LOG_JSON)
        write_json_line(log, level, auth_buf_view(&shown), &line);
    else
        auth_buf_addf(&line, "%s: %s%s%s", log->program, level <= AUTH_LOG_WARN ? level_texts[level] : "",
                      level <= AUTH_LOG_WARN ? ": " : "", shown.p ? shown.p : "");
    auth_buf_add_char(&line, '\n');
    if (auth_buf_ok(&line) && write(log->fd, line.p, line.n) < 0) {
        /* nowhere to complain */
    }
    auth_buf_clear(&line);
    auth_buf_clear(&shown);
    auth_buf_clear(&message);
}
