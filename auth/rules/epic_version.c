/* Releases, and what was otherwise before one. */
#include "auth/rules/epic_version.h"

#include <stdio.h>

/* In the order of the switch epic_version. */
static const int releases[] = {202402, 202405, 202408, 202411, 202502, 202505, 202508, 202511, 202602, 202605, 202608};

/* Before that release: a switch or rule as --switch takes it. (Parameters of searches know their own release.) */
static const struct {
    int release;
    const char *assignment;
} before[] = {
    {202408, "scope_version=v1"},        /* E: SMART v2 scopes since August 2024 */
    {202411, "jti.type=off"},            /* E: a string since November 2024 */
    {202602, "static_keys=accept"},      /* E: uploaded keys retired from February 2026 on */
    {202602, "post_parameters=query"},   /* E: a POST's query string did not count from February 2026 on */
    {202602, "outcome_page=every"},      /* O: every page in 2025 */
    {202602, "care_plan_date=optional"}, /* O: seen as demanded in 2026 */
};

int auth_epic_version(const struct auth_profile *profile)
{
    return releases[profile->values[AUTH_SWITCH_EPIC_VERSION]];
}

enum auth_rc auth_epic_version_set(struct auth_profile *profile, const char *version, struct auth_err *err)
{
    char assignment[64];
    if (auth_view_equals(auth_view_from_string(profile->name), "smart"))
        return AUTH_OK;
    int n = snprintf(assignment, sizeof assignment, "epic_version=%s", version);
    struct auth_switch_info info = auth_profile_switch_info(AUTH_SWITCH_EPIC_VERSION);
    enum auth_rc rc = (size_t)n < sizeof assignment ? auth_profile_set(profile, assignment, NULL) : AUTH_E_RANGE;
    if (rc != AUTH_OK)
        return auth_err_set(err, AUTH_E_RANGE, "--epic-version: there are %s", info.values);
    for (size_t i = 0; rc == AUTH_OK && i < sizeof before / sizeof *before; i++) { // GCOVR_EXCL_BR_LINE: our own rows
        if (auth_epic_version(profile) < before[i].release)
            rc = auth_profile_set(profile, before[i].assignment, err);
    }
    return rc;
}
