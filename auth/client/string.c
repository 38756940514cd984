/* What the library gives out as text, and how it is taken back. */
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/core/buf.h"
#include "auth/core/version.h"

const char *epic_auth_version(void)
{
    return AUTH_VERSION;
}

void epic_auth_string_free(char *string)
{
    if (string)
        auth_wipe(string, strlen(string));
    free(string);
}
