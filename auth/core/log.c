#include "auth/core/log.h"

#include <unistd.h>

#include "auth/core/json.h"
#include "auth/core/text.h"

enum { LINE_MAX_N = 8192 };

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
    auth_redact(&shown, auth_buf_view(&message), log->known);
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
