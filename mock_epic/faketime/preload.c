/* The library that `mock-epic run --faketime` puts into LD_PRELOAD: programs see the server's wall clock in place of their own.
 *
 * The wall clock only. Steady clocks, sleeping and time-outs stay real, so that nothing hangs or ends early when time jumps.
 * Where a program waits until a time of day, that is turned back into the real time at which the clock will show it. Nothing
 * is allocated and no lock is taken: all of this may be called in a signal handler or between fork() and exec(). */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "mock_epic/faketime/shared.h"

#define SHOWN __attribute__((visibility("default")))

/* Every function that is replaced: its result, name, parameters. */
#define FUNCTIONS(X)                                                                                                   \
    X(int, clock_gettime, (clockid_t, struct timespec *))                                                              \
    X(int, clock_nanosleep, (clockid_t, int, const struct timespec *, struct timespec *))                              \
    X(int, pthread_cond_timedwait, (pthread_cond_t *, pthread_mutex_t *, const struct timespec *))                     \
    X(int, pthread_mutex_timedlock, (pthread_mutex_t *, const struct timespec *))                                      \
    X(int, sem_timedwait, (sem_t *, const struct timespec *))

static struct {
#define X(type, name, parameters) type(*name) parameters;
    FUNCTIONS(X)
#undef X
} real;

static const struct mock_faketime *shared; /* NULL: there is none, and time is real */

static void find(const char *name, void *to)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(to, &symbol, sizeof symbol); /* POSIX gives a function as void * */
}

/* Also called by who is faster than the constructors of libraries. */
static void find_all(void)
{
#define X(type, name, parameters) find(#name, &real.name);
    FUNCTIONS(X)
#undef X
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv(MOCK_FAKETIME_VARIABLE);
    struct stat status;
    find_all();
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *page = fstat(fd, &status) == 0 && status.st_size >= (off_t)sizeof *shared
                     ? mmap(NULL, sizeof *shared, PROT_READ, MAP_SHARED, fd, 0)
                     : MAP_FAILED;
    (void)close(fd);
    if (page != MAP_FAILED && ((const struct mock_faketime *)page)->magic == MOCK_FAKETIME_MAGIC)
        shared = page;
}

/* ---- the line ---- */

struct line {
    int64_t real_us, fake_us;
    double rate;
};

static struct line read_line(void)
{
    struct line line;
    uint32_t change;
    do {
        change = atomic_load_explicit(&shared->change, memory_order_acquire);
        line.real_us = atomic_load_explicit(&shared->real_us, memory_order_relaxed);
        line.fake_us = atomic_load_explicit(&shared->fake_us, memory_order_relaxed);
        line.rate = atomic_load_explicit(&shared->rate, memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
    } while (change & 1 || change != atomic_load_explicit(&shared->change, memory_order_relaxed));
    return line;
}

static int64_t us_of(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000;
}

static struct timespec time_of(int64_t us)
{
    us = us < 0 ? 0 : us;
    return (struct timespec){.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
}

static int read_real(clockid_t clock, struct timespec *now)
{
    if (!real.clock_gettime)
        find_all();
    return real.clock_gettime(clock, now);
}

static int64_t fake_at(const struct line *line, int64_t real_us)
{
    int64_t elapsed_us = real_us - line->real_us;
    if (line->rate < 1.0 || line->rate > 1.0)
        elapsed_us = (int64_t)((double)elapsed_us * line->rate);
    return line->fake_us + elapsed_us;
}

static struct timespec fake_now(void)
{
    struct timespec now = {0};
    (void)read_real(CLOCK_REALTIME, &now);
    struct line line = read_line();
    struct timespec fake = time_of(fake_at(&line, us_of(&now)));
    if (!(line.rate < 1.0 || line.rate > 1.0))
        fake.tv_nsec += now.tv_nsec % 1000; /* or two looks in one microsecond would show the same */
    return fake;
}

static bool is_wall(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

/* The real time for a time of day to wait for. A clock that stands or runs slowly would never come there: then the wait is as
 * long as it looks, for what the program means is mostly a time-out. */
static struct timespec real_for(const struct timespec *until)
{
    struct timespec now = {0};
    (void)read_real(CLOCK_REALTIME, &now);
    struct line line = read_line();
    double ahead_us = (double)(us_of(until) - fake_at(&line, us_of(&now)));
    return time_of(us_of(&now) + (int64_t)(line.rate > 1.0 ? ahead_us / line.rate : ahead_us));
}

/* A condition's clock is its own secret: whether a time is one of the wall clock is told by which clock is nearer. */
static bool is_wall_time(const struct timespec *until)
{
    struct timespec steady = {0}, wall = fake_now();
    (void)read_real(CLOCK_MONOTONIC, &steady);
    return llabs(us_of(until) - us_of(&wall)) < llabs(us_of(until) - us_of(&steady));
}

/* ---- reading the clock ---- */

SHOWN int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!shared || !is_wall(clock))
        return read_real(clock, now);
    *now = fake_now();
    return 0;
}

SHOWN int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec fake;
    (void)clock_gettime(CLOCK_REALTIME, &fake);
    *now = (struct timeval){.tv_sec = fake.tv_sec, .tv_usec = fake.tv_nsec / 1000};
    if (zone)
        memset(zone, 0, sizeof(struct timezone)); /* as the C library does */
    return 0;
}

SHOWN time_t time(time_t *to)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (to)
        *to = now.tv_sec;
    return now.tv_sec;
}

SHOWN int timespec_get(struct timespec *now, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

/* ---- waiting until a time of day ---- */

SHOWN int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left)
{
    struct timespec at = *until;
    if (shared && is_wall(clock) && flags & TIMER_ABSTIME)
        at = real_for(until);
    return real.clock_nanosleep(clock, flags, &at, left);
}

SHOWN int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                 const struct timespec *restrict until)
{
    struct timespec at = shared && is_wall_time(until) ? real_for(until) : *until;
    return real.pthread_cond_timedwait(condition, mutex, &at);
}

SHOWN int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
    struct timespec at = shared ? real_for(until) : *until;
    return real.pthread_mutex_timedlock(mutex, &at);
}

SHOWN int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    struct timespec at = shared ? real_for(until) : *until;
    return real.sem_timedwait(semaphore, &at);
}
