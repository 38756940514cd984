/* The allocators of our objects, OpenSSL and cJSON, which fail on order. */
#include "auth/core/tests/oom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <openssl/crypto.h>

/* The linker sends our objects' calls to __wrap_x, and __real_x to whoever owns x (libc, or a sanitizer). */
void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *old, size_t n);
void *__real_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);

static long left; /* allocations until one fails; 0: none will */
static enum oom_mode how;
static bool has_failed;

static bool is_refused(void)
{
    if (left == 0)
        return false;
    if (left > 1) {
        left--;
        return false;
    }
    has_failed = true;
    left = how == OOM_ON_END ? 1 : 0;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return is_refused() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return is_refused() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *old, size_t n)
{
    return is_refused() ? NULL : __real_realloc(old, n);
}

void *__wrap_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
    return is_refused() ? MAP_FAILED : __real_mmap(at, n, protection, flags, fd, offset);
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return n ? __wrap_malloc(n) : NULL;
}

static void *crypto_realloc(void *old, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    if (n)
        return __wrap_realloc(old, n);
    free(old);
    return NULL;
}

static void crypto_free(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    free(old);
}

void oom_init(void)
{
    cJSON_Hooks hooks = {.malloc_fn = __wrap_malloc, .free_fn = free};
    cJSON_InitHooks(&hooks);
    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
        abort();
}

void oom_arm(long n, enum oom_mode mode)
{
    has_failed = false;
    how = mode;
    left = n;
}

long oom_step(long n)
{
    enum { ALL_OF = 200, PART = 100 };
    return n < ALL_OF || getenv("OOM_EVERY") ? 1 : 1 + n / PART;
}

bool oom_disarm(void)
{
    left = 0;
    return has_failed;
}
