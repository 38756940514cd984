/* The first error, kept with one line of detail; nothing here needs memory. */
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

/* A detail begins with whose it is (a path, a URL) and ends with the cause: where it is too long, the middle goes. */
static void keep(char detail[AUTH_ERR_DETAIL_N], const char *whole)
{
    enum { HEAD_N = 200, GAP_N = 3, TAIL_N = AUTH_ERR_DETAIL_N - 1 - HEAD_N - GAP_N };
    size_t n = strlen(whole);
    if (n < AUTH_ERR_DETAIL_N) {
        memcpy(detail, whole, n + 1);
        return;
    }
    memcpy(detail, whole, HEAD_N);
    memcpy(detail + HEAD_N, AUTH_ERR_CUT, GAP_N);
    memcpy(detail + HEAD_N + GAP_N, whole + n - TAIL_N, TAIL_N + 1);
}

void auth_err_format(char *text, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(text, size, format, args);
    if (n < 0)
        text[0] = '\0';
    else if ((size_t)n >= size)
        memcpy(text + size - sizeof AUTH_ERR_CUT, AUTH_ERR_CUT, sizeof AUTH_ERR_CUT);
}

enum auth_rc auth_err_set(struct auth_err *err, enum auth_rc rc, const char *format, ...)
{
    char whole[8 * 1024]; /* no memory may be needed for saying that there is none */
    if (!err || err->rc != AUTH_OK)
        return rc;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(whole, sizeof whole, format, args);
    va_end(args);
    keep(err->detail, n < 0 ? "" : whole);
    for (char *p = err->detail; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
    err->rc = rc;
    return rc;
}

enum auth_rc auth_err_no_memory(struct auth_err *err)
{
    return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
}

enum auth_rc auth_err_of_memory(struct auth_err *err, enum auth_rc rc)
{
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "out of memory");
}

void auth_err_clear(struct auth_err *err)
{
    if (!err)
        return;
    err->rc = AUTH_OK;
    err->detail[0] = '\0';
    err->node = NULL;
}
