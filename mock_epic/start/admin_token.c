/* Where the admin token comes from, and what is none. */
#include "mock_epic/start/admin_token.h"

#include <stdlib.h>

#include "auth/core/input.h"

enum auth_rc mock_admin_token_read(const char *path, struct auth_buf *token, struct auth_err *err)
{
    static const char variable[] = "MOCK_EPIC_ADMIN_TOKEN";
    const char *value = path ? NULL : getenv(variable);
    const char *origin = path ? path : variable;
    if (!path && (!value || !*value))
        return AUTH_OK;
    auth_buf_add_string(token, value ? value : "");
    enum auth_rc rc = path ? auth_input_read(path, token, err) : auth_buf_check(token, err);
    if (rc != AUTH_OK)
        return rc;
    while (token->n && (token->p[token->n - 1] == '\n' || token->p[token->n - 1] == '\r'))
        token->p[--token->n] = '\0';
    for (size_t i = 0; i < token->n; i++) {
        if (token->p[i] <= 0x20 || token->p[i] >= 0x7f)
            return auth_err_set(err, AUTH_E_CONFIG, "%s: an admin token is printable ASCII without spaces", origin);
    }
    return token->n >= 16 ? AUTH_OK
                          : auth_err_set(err, AUTH_E_CONFIG, "%s: an admin token has at least 16 characters", origin);
}
