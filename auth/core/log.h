/* Log lines for people or machines. Redaction happens here, at the sink, not at each caller.
 *
 * What auth/core/redact.h knows as a secret is replaced by "[redacted]" before any byte leaves the process, and control
 * bytes are made visible. */
#ifndef AUTH_CORE_LOG_H
#define AUTH_CORE_LOG_H

#include "auth/core/buf.h"
#include "auth/core/env.h"
#include "auth/core/lines.h"
#include "auth/core/redact.h"

/* AUTH_LOG_RESULT is what a program was run to find out: written at every level. */
enum auth_log_level { AUTH_LOG_RESULT = -1, AUTH_LOG_ERROR, AUTH_LOG_WARN, AUTH_LOG_INFO, AUTH_LOG_DEBUG };
enum auth_log_format { AUTH_LOG_TEXT, AUTH_LOG_JSON };

struct auth_log {
    enum auth_log_level level; /* lines above it are dropped */
    enum auth_log_format format;
    struct auth_lines *lines;              /* where they go; never waited for */
    const char *program;                   /* e.g. "mock-epic" */
    const struct auth_env *env;            /* for the time in JSON lines */
    const struct auth_redact_known *known; /* secrets known by value; NULL: shapes alone */
};

/* Begin to write to fd, with the level, format and the rest set already. The log must stay where it is until it is ended. */
AUTH_MUST_CHECK enum auth_rc auth_log_start(struct auth_log *log, int fd);
/* Give the reader a moment for what he has not read yet, and forget the rest. A log that was never started may be ended. */
void auth_log_end(struct auth_log *log);

/* Write one line. log may be NULL, or not started (dropped). Threads safe. */
void auth_log_write(const struct auth_log *log, enum auth_log_level level, const char *format, ...) AUTH_PRINTF(3, 4);
/* Write a text of one or more lines: as they are, the first like any other line and the others as they follow; in JSON all
 * in one message. */
void auth_log_text(const struct auth_log *log, enum auth_log_level level, struct auth_view text);

/* A line for whoever typed the command, "epic-auth token: text", on stderr at once: what a program says before it has a log,
 * or without one. Redacted by shape, since the user's own words are quoted in it, and one may be a key in the wrong place.
 * in   command  may be NULL */
void auth_complain(const char *program, const char *command, const char *format, ...) AUTH_PRINTF(3, 4);
void auth_complainv(const char *program, const char *command, const char *format, va_list args) AUTH_PRINTF(3, 0);

#endif
