/* Log lines for people or machines. Redaction happens here, at the sink, not at each caller.
 *
 * Whatever looks like a JWT, a bearer token, a PEM private key, or the value of client_assertion, client_secret or
 * access_token is replaced by "[redacted]" before any byte leaves the process, and control bytes are made visible. */
#ifndef AUTH_CORE_LOG_H
#define AUTH_CORE_LOG_H

#include "auth/core/buf.h"
#include "auth/core/env.h"

enum auth_log_level { AUTH_LOG_ERROR, AUTH_LOG_WARN, AUTH_LOG_INFO, AUTH_LOG_DEBUG };
enum auth_log_format { AUTH_LOG_TEXT, AUTH_LOG_JSON };

struct auth_log {
    enum auth_log_level level; /* lines above it are dropped */
    enum auth_log_format format;
    int fd;                     /* one write() per line, so lines of several threads do not mix */
    const char *program;        /* e.g. "mock-epic" */
    const struct auth_env *env; /* for the time in JSON lines */
};

/* Write one line. log may be NULL (dropped). Threads safe. */
void auth_log_write(const struct auth_log *log, enum auth_log_level level, const char *format, ...) AUTH_PRINTF(3, 4);
/* Append text to out as a log line may show it: secrets replaced, control bytes made visible. */
void auth_log_redact(struct auth_buf *out, struct auth_view text);

#endif
