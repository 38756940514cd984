/* Where a report goes, and its colours. */
#include "conformance/report/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/file.h"

enum { TERMINAL_WIDTH = 80 };

static bool is_stdout(const char *path)
{
    return !path || strcmp(path, "-") == 0;
}

struct conf_style conf_output_style(const char *path)
{
    const char *no_color = getenv("NO_COLOR");
    bool is_terminal = is_stdout(path) && isatty(STDOUT_FILENO);
    return (struct conf_style){
        .has_colours = is_terminal && !(no_color && no_color[0]),
        .width = is_terminal ? TERMINAL_WIDTH : 0,
    };
}

const char *conf_output_on(struct conf_style style, enum auth_result result)
{
    static const char *const codes[] = {
        [AUTH_SKIP] = "\033[2m",  [AUTH_PASS] = "\033[32m",   [AUTH_WARN] = "\033[33m",
        [AUTH_FAIL] = "\033[31m", [AUTH_BLOCKED] = "\033[2m",
    };
    return style.has_colours ? codes[result] : "";
}

const char *conf_output_off(struct conf_style style)
{
    return style.has_colours ? "\033[0m" : "";
}

enum auth_rc conf_output_write(const struct auth_buf *text, const char *path, struct auth_err *err)
{
    enum auth_rc rc = auth_buf_check(text, err);
    if (rc != AUTH_OK)
        return rc;
    if (!is_stdout(path))
        return auth_file_write(path, auth_buf_view(text), 0644, AUTH_FILE_REPLACE, err);
    int why = auth_file_write_fd(STDOUT_FILENO, auth_buf_view(text));
    return why ? auth_err_set(err, AUTH_E_IO, "standard output: %s", strerror(why)) : AUTH_OK;
}
