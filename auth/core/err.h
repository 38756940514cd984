/* Outcome of our own functions: did the function do its job?
 *
 * What the other side did wrong is not an outcome but a verdict (auth/rules/rules.h), and what goes over the
 * wire is derived from verdicts. Keep the three apart.
 * A struct auth_err is caller-owned, may be NULL wherever one is taken, keeps the FIRST error, and never holds
 * a secret. Read next: auth/core/buf.h. */
#ifndef AUTH_CORE_ERR_H
#define AUTH_CORE_ERR_H

#include <stdarg.h>
#include <stddef.h>

#if defined(__GNUC__)
#define AUTH_MUST_CHECK __attribute__((warn_unused_result))
#define AUTH_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define AUTH_MUST_CHECK
#define AUTH_PRINTF(fmt, args)
#endif

/* code, what it means to a person */
#define AUTH_RC_LIST(X)                                                                                                \
    X(AUTH_OK, "success")                                                                                              \
    X(AUTH_E_NOMEM, "out of memory, or a buffer's hard cap was reached")                                               \
    X(AUTH_E_ARG, "the caller passed an argument that makes no sense")                                                 \
    X(AUTH_E_IO, "a file or socket could not be read or written")                                                      \
    X(AUTH_E_NOT_FOUND, "no such thing")                                                                               \
    X(AUTH_E_EXISTS, "it exists already")                                                                              \
    X(AUTH_E_TOO_BIG, "larger than the limit")                                                                         \
    X(AUTH_E_SYNTAX, "malformed text")                                                                                 \
    X(AUTH_E_DUPLICATE, "a name occurs twice")                                                                         \
    X(AUTH_E_RANGE, "a number outside its range")                                                                      \
    X(AUTH_E_KEY, "a key that cannot be used")                                                                         \
    X(AUTH_E_ALG, "an algorithm that is not allowed or does not fit the key")                                          \
    X(AUTH_E_SIGNATURE, "a signature that does not verify")                                                            \
    X(AUTH_E_CRYPTO, "the crypto library failed")                                                                      \
    X(AUTH_E_CONFIG, "configuration is missing or wrong")                                                              \
    X(AUTH_E_NETWORK, "the network failed")                                                                            \
    X(AUTH_E_TLS, "TLS could not be established")                                                                      \
    X(AUTH_E_TIMEOUT, "the deadline passed")                                                                           \
    X(AUTH_E_ORIGIN, "a URL of another origin, to which no credentials may go")                                        \
    X(AUTH_E_PROTOCOL, "the other side broke its protocol")                                                            \
    X(AUTH_E_OAUTH, "the token endpoint refused")                                                                      \
    X(AUTH_E_HTTP, "the server answered with an error status")                                                         \
    X(AUTH_E_END, "no more items")                                                                                     \
    X(AUTH_E_WAIT, "something must arrive first; the same call again will go on")                                      \
    X(AUTH_E_INTERNAL, "a defect in this program")

enum auth_rc {
#define X(code, text) code,
    AUTH_RC_LIST(X)
#undef X
};

enum { AUTH_ERR_DETAIL_N = 320 };

struct auth_json_node;

struct auth_err {
    enum auth_rc rc;
    char detail[AUTH_ERR_DETAIL_N]; /* one line naming the cause and, where known, the fix; no secrets */
    /* What of the document that was read it is about, where its reader knows; else NULL. auth_json_position() says where that
     * stands. */
    const struct auth_json_node *node;
};

/* Text of a code, static. */
const char *auth_rc_text(enum auth_rc rc);

/* Record an error unless one is recorded already (first error wins) and return rc, so that a function can
 * end with `return auth_err_set(err, AUTH_E_SYNTAX, "...")`.
 * in   err  may be NULL
 * note control bytes in the formatted detail are replaced by '?', so that it is safe on a terminal; of one that is too
 *      long the beginning and the end are kept */
enum auth_rc auth_err_set(struct auth_err *err, enum auth_rc rc, const char *format, ...) AUTH_PRINTF(3, 4);

/* AUTH_E_NOMEM, "out of memory". */
enum auth_rc auth_err_no_memory(struct auth_err *err);
/* What came of steps that can only run out of memory: rc, with that recorded unless it is AUTH_OK. */
enum auth_rc auth_err_of_memory(struct auth_err *err, enum auth_rc rc);

/* vsnprintf() into text of size bytes (at least 4), whose end says where something is missing: AUTH_ERR_CUT. "" where the
 * format fails. */
#define AUTH_ERR_CUT "..."
void auth_err_format(char *text, size_t size, const char *format, va_list args) AUTH_PRINTF(3, 0);

/* Forget the recorded error. */
void auth_err_clear(struct auth_err *err);

#endif
