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

void epic_auth_token_free(struct epic_auth_token *token)
{
    if (!token)
        return;
    epic_auth_string_free(token->text);
    epic_auth_string_free(token->scope);
    *token = (struct epic_auth_token){.text = NULL};
}
