/* A captured token request.
 *
 *   - what is read is bounded, and what is refused has a reason
 *   - a command's words come from its text: no value holds more bytes than percent-encoding can make of it, and variables
 *     of an .http file or of code no more than a request may have
 *   - the judge takes whatever was read */
#include <string.h>

#include "auth/core/fuzz/must.h"
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "conformance/linter/capture_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct conf_capture request;
    struct auth_form form;
    struct auth_err err = {0}, form_err = {0};
    enum auth_rc rc = conf_capture_read(auth_view_bytes(data, n), &request, &err);
    MUST((rc == AUTH_OK) == (err.detail[0] == '\0'));
    if (rc == AUTH_OK) {
        struct auth_request_facts facts = conf_capture_facts(&request, &form, &form_err);
        bool is_expanded =
            auth_view_contains(auth_view_bytes(data, n), "{{") || auth_view_contains(auth_view_bytes(data, n), "=");
        size_t most = is_expanded ? 2 * CONF_CAPTURE_MAX_N : 2 * n; /* two bytes of UTF-16 may be three of UTF-8 */
        MUST(n <= CONF_CAPTURE_FILE_MAX_N && facts.method.n <= most + 4);
        MUST(request.body.n <= 3 * most && request.query.n <= 3 * most && request.url.n <= most + strlen("https://"));
        MUST(request.clock == CONF_CLOCK_NONE || auth_time_is_valid(request.time_s));
        MUST(request.status == 0 || (request.status >= 100 && request.status <= 599));
        MUST(auth_text_is_utf8(auth_buf_view(&request.notes)));
        MUST(auth_view_find(auth_buf_view(&request.url), '?') == request.url.n);
        auth_form_clear(&form);
    }
    conf_capture_clear(&request);
    return 0;
}
