/* The file that says which time it is, the library that reads it, and the variables that lead to both. */
#include "mock_epic/start/faketime.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "auth/core/file.h"
#include "mock_epic/start/reach.h"

enum { PATH_N = 4096 };

/* ---- following ---- */

static void write_line(void *ctx, const struct mock_clock *clock)
{
    struct mock_faketime *shared = ctx;
    uint32_t change = atomic_load_explicit(&shared->change, memory_order_relaxed);
    atomic_store_explicit(&shared->change, change + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&shared->real_us, clock->real_base_us, memory_order_relaxed);
    atomic_store_explicit(&shared->fake_us, clock->virtual_base_us, memory_order_relaxed);
    atomic_store_explicit(&shared->rate, clock->is_frozen ? 0.0 : clock->rate, memory_order_relaxed);
    atomic_store_explicit(&shared->change, change + 2, memory_order_release);
}

/* "+12.345678" from real time on, or the epoch second at which it stands. */
static void write_text(void *ctx, const struct mock_clock *clock)
{
    const struct mock_faketime_run *run = ctx;
    int64_t ahead_us = clock->virtual_base_us - clock->real_base_us;
    int64_t far_us = ahead_us < 0 ? -ahead_us : ahead_us;
    bool stands = clock->is_frozen || !(clock->rate > 0);
    char text[64];
    int n = stands ? snprintf(text, sizeof text, "%lld\n", (long long)(clock->virtual_base_us / 1000000))
                   : snprintf(text, sizeof text, "%c%lld.%06lld\n", ahead_us < 0 ? '-' : '+',
                              (long long)(far_us / 1000000), (long long)(far_us % 1000000));
    bool is_whole = pwrite(run->fd, text, (size_t)n, 0) == n;
    int rc = ftruncate(run->fd, is_whole ? n : 0); /* an empty file is real time, and shows */
    (void)rc; /* a temporary file of ours: what failed here fails for COMMAND, too */
}

/* ---- libraries ---- */

/* Beside the program as it was built, or where it was installed. */
static bool find_own(char path[PATH_N])
{
    static const char *const places[] = {"../lib/mock-epic-faketime.so", MOCK_FAKETIME_INSTALLED};
    char program[PATH_N];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return false;
    program[n] = '\0';
    *strrchr(program, '/') = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int length = snprintf(path, PATH_N, "%s/%s", program, places[i]);
        if (length > 0 && length < PATH_N && access(path, R_OK) == 0)
            return true;
    }
    return false;
}

/* Debian keeps it below the directory of the machine's kind, others in one of these. */
static bool find_lib(char path[PATH_N])
{
    static const char name[] = "faketime/libfaketimeMT.so.1";
    static const char *const roots[] = {"/usr/lib", "/usr/lib64", "/usr/local/lib"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        char **names = NULL;
        size_t count = 0;
        (void)snprintf(path, PATH_N, "%s/%s", roots[i], name);
        bool is_found = access(path, R_OK) == 0;
        if (!is_found && auth_file_names(roots[i], &names, &count, NULL) != AUTH_OK)
            continue;
        for (size_t k = 0; k < count && !is_found; k++) {
            (void)snprintf(path, PATH_N, "%s/%s/%s", roots[i], names[k], name);
            is_found = access(path, R_OK) == 0;
        }
        auth_file_names_free(names, count);
        if (is_found)
            return true;
    }
    return false;
}

static enum auth_rc preload(struct mock_variables *variables, const char *library, struct auth_err *err)
{
    struct auth_buf list;
    const char *others = mock_variables_get(variables, "LD_PRELOAD");
    if (strpbrk(library, ": \t\n"))
        return auth_err_set(err, AUTH_E_CONFIG,
                            "--faketime: LD_PRELOAD takes no path with a colon or a blank in it: %s", library);
    auth_buf_init(&list, 64 * 1024);
    if (others && *others) /* first, since some want to be: sanitizers do */
        auth_buf_addf(&list, "%s:", others);
    auth_buf_add_string(&list, library);
    enum auth_rc rc = auth_buf_check(&list, err);
    if (rc == AUTH_OK)
        mock_variables_set(variables, "LD_PRELOAD", list.p);
    auth_buf_clear(&list);
    return rc;
}

/* ---- beginning and end ---- */

static enum auth_rc begin_own(struct mock_faketime_run *run, const char *path, struct mock_variables *variables,
                              struct auth_err *err)
{
    char library[PATH_N];
    if (!find_own(library))
        return auth_err_set(err, AUTH_E_CONFIG, "--faketime: mock-epic-faketime.so is not where it was installed");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *run->shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        (void)close(fd);
    if (page == MAP_FAILED)
        return auth_err_set(err, AUTH_E_IO, "--faketime: %s cannot be mapped", path);
    run->shared = page;
    run->shared->magic = MOCK_FAKETIME_MAGIC;
    mock_clock_follow(run->clock, write_line, run->shared);
    mock_variables_set(variables, MOCK_FAKETIME_VARIABLE, path);
    return preload(variables, library, err);
}

static enum auth_rc begin_lib(struct mock_faketime_run *run, const char *path, struct mock_variables *variables,
                              struct auth_err *err)
{
    char library[PATH_N];
    static const char *const settings[][2] = {{"FAKETIME_NO_CACHE", "1"},
                                              {"FAKETIME_FMT", "%s"},
                                              {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
                                              {"DONT_FAKE_MONOTONIC", "1"}}; /* its name until 0.9.9 */
    if (!find_lib(library))
        return auth_err_set(err, AUTH_E_CONFIG,
                            "--faketime=lib: libfaketime is not installed; on Debian: apt-get install libfaketime");
    run->fd = open(path, O_WRONLY | O_CLOEXEC);
    if (run->fd < 0)
        return auth_err_set(err, AUTH_E_IO, "--faketime: %s cannot be opened", path);
    mock_clock_follow(run->clock, write_text, run);
    mock_variables_unset(variables, "FAKETIME");
    mock_variables_unset(variables, "FAKETIME_SHARED");
    mock_variables_set(variables, "FAKETIME_TIMESTAMP_FILE", path);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        mock_variables_set(variables, settings[i][0], settings[i][1]);
    return preload(variables, library, err);
}

enum auth_rc mock_faketime_begin(struct mock_faketime_run *run, enum mock_faketime_kind kind, const char *command,
                                 struct mock_clock *clock, struct mock_temporary *temporary,
                                 struct mock_variables *variables, struct auth_err *err)
{
    static const struct mock_faketime empty;
    const char *path = NULL;
    *run = (struct mock_faketime_run){.fd = -1};
    if (kind == MOCK_FAKETIME_NONE)
        return AUTH_OK;
    enum auth_rc rc = mock_reach_check(command, err);
    if (rc == AUTH_OK)
        rc = mock_temporary_write(temporary, "wall-clock", auth_view_bytes(&empty, sizeof empty), 0644, &path, err);
    if (rc != AUTH_OK)
        return rc;
    run->clock = clock;
    return kind == MOCK_FAKETIME_OWN ? begin_own(run, path, variables, err) : begin_lib(run, path, variables, err);
}

void mock_faketime_end(struct mock_faketime_run *run)
{
    if (!run->clock)
        return;
    mock_clock_follow(run->clock, NULL, NULL);
    if (run->shared)
        (void)munmap(run->shared, sizeof *run->shared);
    if (run->fd >= 0)
        (void)close(run->fd);
    run->clock = NULL;
}
