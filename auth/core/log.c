/* A log line: its fields as text or JSON, redacted as a whole before it leaves. */
#include "auth/core/log.h"

#include <stdio.h>
#include <string.h>

#include "auth/core/json.h"
#include "auth/core/time.h"

enum { LINE_MAX_N = 8192, COMPLAINT_MAX_N = 256 * 1024 };

static const char *level_text(enum auth_log_level level)
{
    static const char *const texts[] = {"error", "warn", "info", "debug"};
    return texts[level == AUTH_LOG_RESULT ? AUTH_LOG_INFO : level];
}

static void write_json_line(const struct auth_log *log, enum auth_log_level level, struct auth_view message,
                            struct auth_buf *line)
{
    struct auth_json_writer w;
    struct auth_buf time;
    auth_buf_init(&time, 64);
    auth_time_write(&time, log->env->wall_s(log->env->ctx));
    auth_json_writer_init(&w, line, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member(&w, "time", auth_buf_view(&time));
    auth_json_write_member_text(&w, "level", level_text(level));
    auth_json_write_member_text(&w, "program", log->program);
    auth_json_write_member(&w, "message", message);
    auth_json_write_end_object(&w);
    auth_buf_clear(&time);
}

/* Line by line, because a newline within one would be shown as a control byte. */
static void redact_lines(struct auth_buf *out, struct auth_view text, const struct auth_redact_known *known)
{
    while (text.n) {
        auth_redact(out, auth_view_split(&text, '\n'), known);
        if (text.n)
            auth_buf_add_char(out, '\n');
    }
}

static void write_line(const struct auth_log *log, enum auth_log_level level, struct auth_view shown,
                       struct auth_buf *line)
{
    if (log->format == AUTH_LOG_JSON) {
        write_json_line(log, level, shown, line);
    } else {
        auth_buf_addf(line, "%s: ", log->program);
        if (level == AUTH_LOG_ERROR || level == AUTH_LOG_WARN)
            auth_buf_addf(line, "%s: ", level_text(level));
        auth_buf_add_view(line, shown);
    }
    auth_buf_add_char(line, '\n');
}

enum shape { ONE_LINE, SEVERAL_LINES };

static void emit(const struct auth_log *log, enum auth_log_level level, struct auth_view text, enum shape shape)
{
    struct auth_buf shown, line;
    auth_buf_init(&shown, LINE_MAX_N * 4);
    auth_buf_init(&line, LINE_MAX_N * 8);
    if (shape == SEVERAL_LINES)
        redact_lines(&shown, text, log->known);
    else
        auth_redact(&shown, text, log->known);
    write_line(log, level, auth_buf_view(&shown), &line);
    if (auth_buf_ok(&shown) && auth_buf_ok(&line))
        auth_lines_write(log->lines, auth_buf_view(&line));
    auth_buf_clear(&line);
    auth_buf_clear(&shown);
}

void auth_log_text(const struct auth_log *log, enum auth_log_level level, struct auth_view text)
{
    if (log && log->lines && level <= log->level)
        emit(log, level, text, SEVERAL_LINES);
}

void auth_log_write(const struct auth_log *log, enum auth_log_level level, const char *format, ...)
{
    if (!log || !log->lines || level > log->level)
        return;
    struct auth_buf message;
    va_list args;
    auth_buf_init_secret(&message, LINE_MAX_N);
    va_start(args, format);
    auth_buf_vaddf(&message, format, args);
    va_end(args);
    if (!auth_buf_ok(&message)) {
        auth_buf_reset(&message);
        auth_buf_add_string(&message, "(a message too long to log)");
    }
    emit(log, level, auth_buf_view(&message), ONE_LINE);
    auth_buf_clear(&message);
}

static void tell_dropped(void *ctx, uint64_t dropped, int why, struct auth_buf *out)
{
    const struct auth_log *log = ctx;
    struct auth_buf text;
    auth_buf_init(&text, 128);
    auth_buf_addf(&text, "%llu line%s dropped: %s", (unsigned long long)dropped, dropped == 1 ? " was" : "s were",
                  why ? strerror(why) : "nobody read stderr");
    write_line(log, AUTH_LOG_WARN, auth_buf_view(&text), out);
    auth_buf_clear(&text);
}

enum auth_rc auth_log_start(struct auth_log *log, int fd)
{
    return auth_lines_new(fd, tell_dropped, log, &log->lines);
}

void auth_log_end(struct auth_log *log)
{
    enum { PATIENCE_MS = 250 };
    auth_lines_end(log->lines, PATIENCE_MS);
    log->lines = NULL;
}

void auth_complainv(const char *program, const char *command, const char *format, va_list args)
{
    struct auth_buf message, line;
    auth_buf_init_secret(&message, COMPLAINT_MAX_N);
    auth_buf_init_secret(&line, COMPLAINT_MAX_N * 4);
    auth_buf_addf(&line, "%s%s%s: ", program, command ? " " : "", command ? command : "");
    auth_buf_vaddf(&message, format, args);
    if (auth_buf_ok(&message))
        auth_redact(&line, auth_buf_view(&message), NULL);
    else
        auth_buf_add_string(&line, "(a line that does not fit into memory)");
    auth_buf_add_char(&line, '\n');
    if (auth_buf_ok(&line))
        fwrite(line.p, 1, line.n, stderr);
    auth_buf_clear(&line);
    auth_buf_clear(&message);
}

void auth_complain(const char *program, const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auth_complainv(program, command, format, args);
    va_end(args);
}
