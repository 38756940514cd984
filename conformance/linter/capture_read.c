/* Which reader takes a captured token request. */
#include "conformance/linter/capture_read.h"

#include "conformance/linter/curl_command.h"
#include "conformance/linter/http_text.h"

enum auth_rc conf_capture_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct auth_view from = text;
    conf_capture_init(capture);
    if (text.n > CONF_CAPTURE_MAX_N)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes are no token request", CONF_CAPTURE_MAX_N);
    while (from.n && (from.p[0] == '\n' || from.p[0] == '\r')) {
        from.p++;
        from.n--;
    }
    enum auth_rc rc =
        conf_curl_is_command(from) ? conf_curl_read(from, capture, err) : conf_http_read(from, capture, err);
    return rc == AUTH_OK ? conf_capture_check(capture, err) : rc;
}
