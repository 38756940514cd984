/* One scenario, played by mock-epic for a command. */
#ifndef CONFORMANCE_CLIENT_PLAY_H
#define CONFORMANCE_CLIENT_PLAY_H

#include "auth/core/opts.h"
#include "auth/report/results.h"
#include "conformance/client/scenarios.h"

struct conf_play_options {
    const char *mock; /* NULL: mock-epic beside this program, or in PATH */
    const char *profile, *epic_version, *on, *seed;
    const struct auth_opt_list *switches, *fixtures;
    int64_t timeout_s;
    bool is_verbose; /* what the mock and the command say goes to stderr */
    char **command;  /* NULL-terminated */
};

/* What came of it. Texts are the caller's to clear. */
struct conf_play {
    enum auth_case_result result;
    struct auth_buf because, expected, actual, fix;
    char evidence[AUTH_CASE_EVIDENCE_MAX][24];
    size_t evidence_count;
    int64_t took_us;
};

void conf_play_init(struct conf_play *play);
void conf_play_clear(struct conf_play *play);
/* What went wrong in it is its result (AUTH_CASE_ERROR: the scenario is no scenario).
 * rc   AUTH_E_NOT_FOUND (no mock-epic, no such command), AUTH_E_IO, AUTH_E_NOMEM: nothing can be tried at all */
AUTH_MUST_CHECK enum auth_rc conf_play_run(const struct conf_scenario *scenario,
                                           const struct conf_play_options *options, struct conf_play *play,
                                           struct auth_err *err);

#endif
