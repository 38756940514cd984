/* One text of an answer beside the one that is expected. */
#include "auth/core/text.h"
#include "conformance/suite/case.h"
#include "conformance/suite/expect.h"

enum { SHOWN_N = 160, TEXT_MAX_N = 64 * 1024 };

bool conf_expect_tell(const struct conf_expectation *e, const char *what, struct auth_view wanted, bool holds,
                      struct auth_view own)
{
    auth_buf_addf(e->expected, ", %s ", what);
    auth_text_escape(e->expected, wanted, SHOWN_N);
    if (holds)
        return true;
    auth_buf_addf(e->actual, "%s ", what);
    auth_text_escape(e->actual, own.n ? own : auth_view_from_string("absent"), SHOWN_N);
    return false;
}

bool conf_expect_text_holds(const struct conf_expectation *e, const struct auth_json_node *wanted, struct auth_view own)
{
    struct auth_buf text;
    struct auth_view pattern = auth_json_string(wanted);
    if (auth_json_type(wanted) == AUTH_JSON_NULL || auth_view_equals(pattern, "<absent>"))
        return own.n == 0;
    if (auth_view_equals(pattern, "<any>"))
        return own.n > 0;
    auth_buf_init_secret(&text, TEXT_MAX_N);
    bool holds = conf_values_expand(e->values, pattern, &text, NULL) == AUTH_OK;
    pattern = auth_buf_view(&text);
    bool is_pattern = auth_view_find(pattern, '*') < pattern.n && pattern.n > 1;
    holds = holds && (is_pattern ? conf_case_matches(pattern, own) : auth_view_equals_view(pattern, own));
    auth_buf_clear(&text);
    return holds;
}
