#include "auth/core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/core/env.h"

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

static enum auth_rc io_error(struct auth_err *err, const char *path, int why)
{
    return auth_err_set(err, why == ENOENT ? AUTH_E_NOT_FOUND : AUTH_E_IO, "%s: %s", path, strerror(why));
}

enum auth_rc auth_file_read_fd(int fd, struct auth_buf *out, struct auth_err *err)
{
    enum { CHUNK = 64 * 1024 };
    for (;;) {
        size_t room = out->cap - out->n;
        if (room == 0) {
            char extra;
            ssize_t n = read(fd, &extra, 1);
            return n == 0 ? AUTH_OK : auth_err_set(err, AUTH_E_TOO_BIG, "more than %zu bytes", out->cap);
        }
        size_t want = room < CHUNK ? room : CHUNK;
        char *to = auth_buf_reserve(out, want);
        if (!to)
            return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
        ssize_t n = read(fd, to, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return auth_err_set(err, AUTH_E_IO, "read: %s", strerror(errno));
        if (n == 0)
            return AUTH_OK;
        auth_buf_commit(out, (size_t)n);
    }
}

enum auth_rc auth_file_read(const char *path, struct auth_buf *out, struct auth_err *err)
{
    struct stat status;
    struct auth_err inner = {0};
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY); /* a FIFO must not hang us */
    if (fd < 0)
        return io_error(err, path, errno);
    enum auth_rc rc = AUTH_OK;
    if (fstat(fd, &status) != 0)
        rc = io_error(err, path, errno);
    else if (!S_ISREG(status.st_mode))
        rc = auth_err_set(err, AUTH_E_IO, "%s: is %s, not a regular file", path,
                          S_ISDIR(status.st_mode) ? "a directory" : "a device, pipe or socket");
    if (rc == AUTH_OK) {
        rc = auth_file_read_fd(fd, out, &inner);
        if (rc != AUTH_OK)
            auth_err_set(err, rc, "%s: %s", path, inner.detail);
    }
    close(fd);
    return rc;
}

/* ---- writing ---- */

static int write_all(int fd, struct auth_view bytes)
{
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        bytes.p += n;
        bytes.n -= (size_t)n;
    }
    return 0;
}

/* Write, sync and name the temporary file. 0 or an errno. */
static int fill_and_name(int fd, const char *temporary, const char *path, struct auth_view bytes, unsigned mode,
                         enum auth_file_replace replace)
{
    if (fchmod(fd, (mode_t)mode) != 0)
        return errno;
    int why = write_all(fd, bytes);
    if (why)
        return why;
    if (fsync(fd) != 0)
        return errno;
    if (replace == AUTH_FILE_REPLACE)
        return rename(temporary, path) == 0 ? 0 : errno;
    if (link(temporary, path) != 0) /* unlike rename(), fails when the name is taken */
        return errno;
    (void)unlink(temporary);
    return 0;
}

/* The name itself must survive a power failure too. */
static void sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash == path ? auth_view_dup(auth_view_of("/"))
                      : slash       ? auth_view_dup(auth_view_bytes(path, (size_t)(slash - path)))
                                    : auth_view_dup(auth_view_of("."));
    int fd = directory ? open(directory, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(directory);
}

enum auth_rc auth_file_write(const char *path, struct auth_view bytes, unsigned mode, enum auth_file_replace replace,
                             struct auth_err *err)
{
    struct auth_buf temporary;
    uint64_t random = 0;
    const struct auth_env *env = auth_env_system();
    auth_buf_init(&temporary, 4096);
    enum auth_rc rc = env->random(env->ctx, &random, sizeof random);
    auth_buf_addf(&temporary, "%s.tmp-%016llx", path, (unsigned long long)random);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&temporary, err);
    if (rc != AUTH_OK)
        goto out;
    int fd = open(temporary.p, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        rc = io_error(err, path, errno);
        goto out;
    }
    int why = fill_and_name(fd, temporary.p, path, bytes, mode, replace);
    close(fd);
    if (why) {
        (void)unlink(temporary.p);
        rc = why == EEXIST ? auth_err_set(err, AUTH_E_EXISTS, "%s: exists already; it is not overwritten", path)
                           : io_error(err, path, why);
        goto out;
    }
    sync_directory(path);
out:
    auth_buf_clear(&temporary);
    return rc;
}

/* ---- asking ---- */

bool auth_file_is_exposed(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

bool auth_file_is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum auth_rc add_name(char ***names, size_t *count, const char *name)
{
    char **grown = realloc(*names, (*count + 1) * sizeof *grown);
    if (!grown)
        return AUTH_E_NOMEM;
    *names = grown;
    grown[*count] = auth_view_dup(auth_view_of(name));
    return grown[*count] ? (++*count, AUTH_OK) : AUTH_E_NOMEM;
}

enum auth_rc auth_file_names(const char *directory, char ***names, size_t *count, struct auth_err *err)
{
    char **found = NULL;
    size_t n = 0;
    enum auth_rc rc = AUTH_OK;
    DIR *dir = opendir(directory);
    if (!dir)
        return io_error(err, directory, errno);
    for (struct dirent *entry = readdir(dir); entry && rc == AUTH_OK; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = add_name(&found, &n, entry->d_name);
    }
    closedir(dir);
    if (rc != AUTH_OK) {
        auth_file_names_free(found, n);
        return auth_err_set(err, rc, "out of memory");
    }
    if (n)
        qsort(found, n, sizeof *found, by_name);
    *names = found;
    *count = n;
    return AUTH_OK;
}

void auth_file_names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}
