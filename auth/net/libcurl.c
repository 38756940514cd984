/* libcurl, opened by name when something is first sent. */
#include "auth/net/libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The name that carries libcurl's binary interface, unchanged since 2006. */
#if defined(__APPLE__)
static const char library_name[] = "libcurl.4.dylib";
#else
static const char library_name[] = "libcurl.so.4";
#endif

static struct auth_curl functions;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_loaded; /* stays so; what failed (descriptors or memory were short) is tried again */

#define X(name) {"curl_" #name, offsetof(struct auth_curl, name)},
static const struct {
    const char *name;
    size_t at; /* in struct auth_curl */
} symbols[] = {AUTH_CURL_FUNCTIONS(X)};
#undef X

/* NULL, or what is missing. dlopen() gives the same library again, however often. */
static const char *load(void)
{
    void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return library_name;
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol)
            return symbols[i].name;
        /* POSIX gives a function as void *; copying the bytes is what C allows */
        memcpy((char *)&functions + symbols[i].at, &symbol, sizeof symbol);
    }
    return functions.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? NULL : "curl_global_init";
}

const struct auth_curl *auth_curl_get(struct auth_err *err)
{
    pthread_mutex_lock(&lock);
    const char *missing = is_loaded ? NULL : load();
    is_loaded = !missing;
    pthread_mutex_unlock(&lock);
    if (!missing)
        return &functions;
    auth_err_set(err, AUTH_E_CONFIG, "libcurl cannot be used (%s); on Debian: apt-get install libcurl4", missing);
    return NULL;
}
