#include "auth/core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *auth_rc_text(enum auth_rc rc)
{
    static const char *const texts[] = {
#define X(code, text) [code] = text,
        AUTH_RC_LIST(X)
#undef X
    };
    size_t index = (size_t)rc;
    return index < sizeof texts / sizeof *texts ? texts[index] : "an unknown code";
}

enum auth_rc auth_err_set(struct auth_err *err, enum auth_rc rc, const char *format, ...)
{
    if (!err || err->rc != AUTH_OK)
        return rc;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(err->detail, sizeof err->detail, format, args);
    va_end(args);
    if (n < 0)
        err->detail[0] = '\0';
    for (char *p = err->detail; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
    err->rc = rc;
    return rc;
}

void auth_err_clear(struct auth_err *err)
{
    if (!err)
        return;
    err->rc = AUTH_OK;
    err->detail[0] = '\0';
}
