/* The ready line and the ready file. */
#include "mock_epic/start/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "auth/core/json.h"
#include "auth/core/process.h"

enum { READY_MAX = 8192 };

static bool is_ready_object(const char *path)
{
    struct auth_buf text;
    struct auth_json *doc = NULL;
    auth_buf_init(&text, READY_MAX);
    bool is_one =
        auth_file_read(path, &text, NULL) == AUTH_OK && auth_json_parse(auth_buf_view(&text), &doc, NULL) == AUTH_OK;
    is_one =
        is_one && auth_json_member(auth_json_root(doc), "token_url") && auth_json_member(auth_json_root(doc), "pid");
    auth_json_free(doc);
    auth_buf_clear(&text);
    return is_one;
}

void mock_ready_remove_left(const char *path)
{
    if (path && is_ready_object(path))
        auth_file_remove_left(path);
}

static void open_line(struct auth_file_output *line)
{
    line->name = "standard output";
    line->fd = auth_process_open_again(STDOUT_FILENO);
    if (line->fd < 0)
        line->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

void mock_ready_init(struct mock_ready *ready, const char *path, enum mock_ready_line line)
{
    *ready = (struct mock_ready){.file = {.name = path, .fd = -1}, .line = {.fd = -1}};
    auth_buf_init(&ready->text, READY_MAX);
    if (line == MOCK_READY_SAID)
        open_line(&ready->line);
    mock_ready_remove_left(path);
}

static enum auth_rc tell(struct mock_ready *ready, struct auth_file_output *output, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    if (output->name && !output->is_written)
        rc = auth_file_offer(output, auth_buf_view(&ready->text), 0644, err);
    return rc == AUTH_E_WAIT ? AUTH_OK : rc;
}

static enum auth_rc tell_line(struct mock_ready *ready, struct auth_err *err)
{
    struct auth_err inner = {0};
    enum auth_rc rc = tell(ready, &ready->line, &inner);
    bool is_unwanted = ready->line.why == EPIPE || ready->line.why == EBADF;
    if (rc == AUTH_OK || is_unwanted)
        return AUTH_OK;
    return auth_err_set(err, rc, "the ready line could not be written: %s", inner.detail);
}

enum auth_rc mock_ready_announce(struct mock_ready *ready, struct auth_err *err)
{
    enum auth_rc rc = auth_buf_check(&ready->text, err);
    if (rc == AUTH_OK)
        rc = tell(ready, &ready->file, err);
    return rc == AUTH_OK ? tell_line(ready, err) : rc;
}

void mock_ready_tick(struct mock_ready *ready, const struct auth_log *log)
{
    struct auth_err err = {0};
    if (mock_ready_announce(ready, &err) == AUTH_OK)
        return;
    auth_log_write(log, AUTH_LOG_WARN, "%s", err.detail);
    ready->file.is_written = ready->line.is_written = true; /* once is enough */
}

void mock_ready_withdraw(struct mock_ready *ready)
{
    auth_file_withdraw(&ready->file);
    auth_file_close(&ready->line);
    auth_buf_clear(&ready->text);
}
