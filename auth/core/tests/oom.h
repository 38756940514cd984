/* Allocations that fail on order: the first, the second, and so on, one at a time or all from one on.
 *
 * Reached are our own objects (linked with --wrap, see epic_add_oom_test() in .cmake/epic.cmake), OpenSSL and cJSON (by
 * their own hooks). Not reached: libc, libcurl, libmicrohttpd. One thread only. */
#ifndef AUTH_CORE_TESTS_OOM_H
#define AUTH_CORE_TESTS_OOM_H

#include <stdbool.h>

enum oom_mode {
    OOM_ONE,   /* the n-th fails, later ones succeed: finds who goes on after a failure */
    OOM_ON_END /* the n-th and all after it fail: finds who needs memory to clean up */
};

/* Before anything of OpenSSL or cJSON is called: the first line of main(). */
void oom_init(void);
/* The n-th allocation from now on fails; n counts from 1. */
void oom_arm(long n, enum oom_mode mode);
/* How far to go on after the n-th: to the next at first, then in growing steps, since a PEM file costs OpenSSL thousands of
 * allocations that are much alike. With OOM_EVERY in the environment always to the next. */
long oom_step(long n);
/* Back to normal. True when an allocation failed since oom_arm(). */
bool oom_disarm(void);

#endif
