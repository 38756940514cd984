/* Inside auth/net only: libcurl, loaded when the first request is sent.
 *
 * It is not linked, because it brings twenty shared libraries along: measured 4.5 ms and 3 MiB at every start of a
 * program, and most runs of mock-epic never send a request. The functions used are one list here; headers come from
 * libcurl itself, so their types are checked at compile time. */
#ifndef AUTH_NET_LIBCURL_H
#define AUTH_NET_LIBCURL_H

#include <curl/curl.h>

#include "auth/core/err.h"

#define AUTH_CURL_FUNCTIONS(X)                                                                                         \
    X(global_init)                                                                                                     \
    X(easy_init)                                                                                                       \
    X(easy_reset)                                                                                                      \
    X(easy_cleanup)                                                                                                    \
    X(easy_setopt)                                                                                                     \
    X(easy_getinfo)                                                                                                    \
    X(easy_perform)                                                                                                    \
    X(easy_strerror)                                                                                                   \
    X(slist_append)                                                                                                    \
    X(slist_free_all)

struct auth_curl {
#define X(name) __typeof__(curl_##name) *name;
    AUTH_CURL_FUNCTIONS(X)
#undef X
};

/* The functions of libcurl, ready for use; loaded and initialised by the first call and kept until the process ends.
 * NULL when that failed: AUTH_E_CONFIG in err, which names what is missing. Threads safe. */
const struct auth_curl *auth_curl_get(struct auth_err *err);

#endif
