/* A scenario file: whatever is refused is refused with a place in the text, and whatever is taken is taken again, has a setup, and
 * can be begun. */
#include <string.h>

#include "auth/core/fuzz/must.h"
#include "mock_epic/admin/scenario_read.h"

/* "f:LINE:COLUMN: ", both from 1 and within the text */
static void check_place(const char *detail, struct auth_view text)
{
    struct auth_view rest = auth_view_from_string(detail);
    int64_t line = 0, column = 0, lines = 1;
    MUST(auth_view_equals(auth_view_split(&rest, ':'), "f"));
    MUST(auth_view_int(auth_view_split(&rest, ':'), &line) && auth_view_int(auth_view_split(&rest, ':'), &column));
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    MUST(line >= 1 && line <= lines && column >= 1 && column <= (int64_t)text.n + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct auth_view text = auth_view_bytes(data, size);
    struct auth_err err = {0};
    struct mock_scenario *scenario = NULL, *again = NULL;
    struct mock_setup setup;
    struct mock_expectations expectations;
    if (mock_scenario_read("f", text, &scenario, &err) != AUTH_OK) {
        check_place(err.detail, text);
        return 0;
    }
    MUST(mock_scenario_setup(scenario, &setup, NULL) == AUTH_OK && setup.copies >= 1);
    MUST(mock_scenario_read("f", auth_view_from_string(scenario->text), &again, NULL) == AUTH_OK);
    MUST(again->step_count == scenario->step_count && again->rotates_keys == scenario->rotates_keys);
    mock_expectations_init(&expectations);
    MUST(mock_expectations_play(&expectations, again, 0, NULL) == AUTH_OK);
    mock_expectations_clear(&expectations);
    mock_scenario_release(scenario);
    return 0;
}
