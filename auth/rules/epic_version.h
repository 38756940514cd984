/* What releases of Epic changed: --epic-version sets the defaults of an older one. */
#ifndef AUTH_RULES_EPIC_VERSION_H
#define AUTH_RULES_EPIC_VERSION_H

#include "auth/rules/profile.h"

/* Make a profile that of a release, "2024-02" to "2026-08"; profile smart stays as it is.
 * rc  AUTH_E_RANGE (detail lists the releases) */
AUTH_MUST_CHECK enum auth_rc auth_epic_version_set(struct auth_profile *profile, const char *version,
                                                   struct auth_err *err);
/* The release that a profile plays, as a number: 202605. */
int auth_epic_version(const struct auth_profile *profile);

#endif
