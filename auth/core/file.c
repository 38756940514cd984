/* Reading whole files within a bound, writing them so that nobody sees half of one (beside the old one, then rename()), and appending. */
#include "auth/core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/core/buf.h"
#include "auth/core/env.h"
#include "auth/core/process.h"

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

enum { PATH_N = 8192, LINKS_MAX = 40 };

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
            return auth_err_no_memory(err);
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

/* ---- where a name leads ---- */

/* What stands behind a name once its symbolic links are followed. */
struct place {
    struct auth_buf path; /* the last link's target, or the name itself */
    bool exists;
    bool is_stream; /* there, and no regular file: to be opened and written, never replaced */
    int own_fd;     /* the name means this descriptor of our own (/dev/stdout and the like); else -1 */
    struct stat status;
};

static enum auth_rc place_error(struct auth_err *err, const char *name, const struct place *place, int why)
{
    const char *text = why == ELOOP ? "symbolic links that name each other, or too many of them" : strerror(why);
    enum auth_rc rc = why == ENOENT ? AUTH_E_NOT_FOUND : AUTH_E_IO;
    if (!place->path.p || auth_view_equals(auth_buf_view(&place->path), name))
        return auth_err_set(err, rc, "%s: %s", name, text);
    return auth_err_set(err, rc, "%s (a link to %s): %s", name, place->path.p, text);
}

static struct auth_view directory_part(struct auth_view path)
{
    while (path.n && path.p[path.n - 1] != '/')
        path.n--;
    return path;
}

/* In a directory where everybody may put names, but remove only his own (/tmp), a link may be a trap: whoever made it wants
 * another's file overwritten. Linux refuses to follow such a link (fs.protected_symlinks), so we do, who follow by hand. */
static bool is_trap(const char *path, const struct stat *link)
{
    struct auth_buf directory;
    struct stat status;
    auth_buf_init(&directory, PATH_N);
    auth_buf_add_view(&directory, directory_part(auth_view_from_string(path)));
    auth_buf_add_string(&directory, ".");
    bool is_known = auth_buf_ok(&directory) && stat(directory.p, &status) == 0;
    bool is_shared = !is_known || ((status.st_mode & S_ISVTX) && (status.st_mode & S_IWOTH));
    bool is_trusted = link->st_uid == geteuid() || (is_known && link->st_uid == status.st_uid);
    auth_buf_clear(&directory);
    return is_shared && !is_trusted;
}

/* Put the target of the link at path in its place. 0 or an errno. */
static int follow_link(struct auth_buf *path)
{
    char target[PATH_N];
    struct auth_view directory = directory_part(auth_buf_view(path));
    ssize_t n = readlink(path->p, target, sizeof target);
    if (n < 0)
        return errno;
    if (n == 0 || (size_t)n == sizeof target)
        return ENAMETOOLONG;
    size_t keep = target[0] == '/' ? 0 : directory.n;
    path->n = keep;
    auth_buf_add(path, target, (size_t)n);
    return auth_buf_ok(path) ? 0 : ENAMETOOLONG;
}

/* 0 or an errno; the place is to be ended in every case. */
static int find_place(const char *name, struct place *place)
{
    *place = (struct place){.own_fd = -1};
    auth_buf_init(&place->path, PATH_N);
    auth_buf_add_string(&place->path, name);
    if (!auth_buf_ok(&place->path))
        return ENAMETOOLONG;
    for (int hops = 0; hops < LINKS_MAX; hops++) {
        if (lstat(place->path.p, &place->status) != 0)
            return errno == ENOENT ? 0 : errno;
        place->exists = true;
        place->is_stream = !S_ISREG(place->status.st_mode);
        if (!S_ISLNK(place->status.st_mode))
            return 0;
        if (auth_process_descriptor(place->path.p, &place->own_fd) != AUTH_PROCESS_NO_DESCRIPTOR)
            return stat(place->path.p, &place->status) == 0 ? 0 : errno;
        if (is_trap(place->path.p, &place->status))
            return EACCES;
        place->exists = place->is_stream = false;
        int why = follow_link(&place->path);
        if (why)
            return why;
    }
    return ELOOP;
}

/* ---- writing ---- */

/* From bytes[*done] on. is_patient waits where the descriptor is one that does not block. 0, EAGAIN or another errno. */
static int write_from(int fd, struct auth_view bytes, size_t *done, bool is_patient)
{
    while (*done < bytes.n) {
        ssize_t n = write(fd, bytes.p + *done, bytes.n - *done);
        if (n >= 0)
            *done += (size_t)n;
        else if (errno == EAGAIN && is_patient)
            (void)poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

int auth_file_write_fd(int fd, struct auth_view bytes)
{
    size_t done = 0;
    return write_from(fd, bytes, &done, true);
}

/* A stream is opened and written. 0, EAGAIN (a FIFO that nobody reads yet), or another errno. */
static int open_stream(const struct place *place, bool is_patient, int *fd)
{
    int truncate =
        S_ISREG(place->status.st_mode) ? O_TRUNC : 0; /* by another's descriptor; ours has its place in the file */
    if (place->own_fd >= 0) {
        *fd = is_patient ? -1 : auth_process_open_again(place->own_fd);
        if (*fd < 0)
            *fd = fcntl(place->own_fd, F_DUPFD_CLOEXEC, 3);
        return *fd >= 0 ? 0 : errno;
    }
    if (S_ISSOCK(place->status.st_mode))
        return EOPNOTSUPP;
    *fd = open(place->path.p, O_WRONLY | O_NOCTTY | O_CLOEXEC | truncate | (is_patient ? 0 : O_NONBLOCK));
    if (*fd < 0)
        return errno == ENXIO && S_ISFIFO(place->status.st_mode) ? EAGAIN : errno;
    return 0;
}

/* A new file's mode is what open(2) makes of it, less the umask, but for secrets: theirs is exact. A file that is replaced
 * hands on its mode and, where the system lets us, its owner. */
static int set_mode(int fd, unsigned mode, const struct stat *replaced)
{
    if (replaced) {
        if (fchown(fd, replaced->st_uid, replaced->st_gid) != 0) {
            /* then it is ours: somebody else's file in a directory where we may replace it */
        }
        return fchmod(fd, replaced->st_mode & 0777) == 0 ? 0 : errno;
    }
    bool is_secret = (mode & 077) == 0;
    return !is_secret || fchmod(fd, (mode_t)mode) == 0 ? 0 : errno;
}

static int fill(int fd, struct auth_view bytes)
{
    int why = auth_file_write_fd(fd, bytes);
    if (why)
        return why;
    return fsync(fd) == 0 || errno == EINVAL ? 0 : errno; /* EINVAL: this file system knows no fsync() */
}

/* The name itself must survive a power failure too. */
static void sync_directory(const char *path)
{
    struct auth_buf directory;
    auth_buf_init(&directory, PATH_N);
    auth_buf_add_view(&directory, directory_part(auth_view_from_string(path)));
    auth_buf_add_string(&directory, ".");
    int fd = auth_buf_ok(&directory) ? open(directory.p, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    auth_buf_clear(&directory);
}

/* Write a whole new file beside the name and give it the name. *out is the file, open. 0 or an errno. */
static int write_beside(const char *path, struct auth_view bytes, unsigned mode, const struct stat *replaced,
                        enum auth_file_replace replace, int *out)
{
    const struct auth_env *env = auth_env_system();
    struct auth_buf beside;
    uint64_t random = 0;
    auth_buf_init(&beside, PATH_N);
    auth_buf_add_view(&beside, directory_part(auth_view_from_string(path)));
    int why = env->random(env->ctx, &random, sizeof random) == AUTH_OK ? 0 : EIO;
    auth_buf_addf(&beside, ".tmp-%016llx",
                  (unsigned long long)random); /* short: the name may be as long as names can be */
    if (!why && !auth_buf_ok(&beside))
        why = ENAMETOOLONG;
    int fd = why ? -1 : open(beside.p, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, replaced ? 0600 : mode);
    if (fd < 0) {
        why = why ? why : errno;
        auth_buf_clear(&beside);
        return why;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    (void)fcntl(fd, F_SETLK, &lock); /* held as long as the file is kept open: see is_held() */
    why = set_mode(fd, mode, replaced);
    if (!why)
        why = fill(fd, bytes);
    if (!why && replace == AUTH_FILE_REPLACE)
        why = rename(beside.p, path) == 0 ? 0 : errno;
    else if (!why)
        why = link(beside.p, path) == 0 ? 0 : errno; /* unlike rename(), fails when the name is taken */
    if (why || replace == AUTH_FILE_NEW_ONLY)
        (void)unlink(beside.p);
    if (why)
        close(fd);
    else
        sync_directory(path);
    auth_buf_clear(&beside);
    *out = why ? -1 : fd;
    return why;
}

/* For a file that we may write in a directory that we may not, or that is mounted by itself: not atomic. */
static int write_in_place(const char *path, struct auth_view bytes, int *out)
{
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    int why = fd < 0 ? errno : fill(fd, bytes);
    if (!why && ftruncate(fd, (off_t)bytes.n) != 0)
        why = errno;
    if (why && fd >= 0)
        close(fd);
    *out = why ? -1 : fd;
    return why;
}

/* No signal ends us while a temporary file is there: whatever comes waits until its name is gone. */
static int write_regular(const struct place *place, struct auth_view bytes, unsigned mode,
                         struct auth_file_output *output)
{
    sigset_t all, before;
    const char *path = place->path.p;
    const struct stat *replaced = place->exists ? &place->status : NULL;
    if (replaced && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0)
        return errno; /* a file that may not be written is not to be replaced either */
    sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int why = write_beside(path, bytes, mode, replaced, AUTH_FILE_REPLACE, &output->fd);
    bool is_place_the_matter = why == EACCES || why == EPERM || why == EROFS || why == EBUSY || why == EXDEV;
    if (replaced && is_place_the_matter) {
        output->is_in_place = true;
        why = write_in_place(path, bytes, &output->fd);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return why;
}

static int write_new(const char *path, struct auth_view bytes, unsigned mode, int *fd)
{
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int why = write_beside(path, bytes, mode, NULL, AUTH_FILE_NEW_ONLY, fd);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return why;
}

/* As far as it goes. 0, EAGAIN or another errno. */
static int write_output(struct auth_file_output *output, struct auth_view bytes, unsigned mode, bool is_patient,
                        struct place *place)
{
    int why = 0;
    if (output->fd < 0) {
        why = find_place(output->name, place);
        if (!why && !place->is_stream)
            return write_regular(place, bytes, mode, output);
        if (!why)
            why = open_stream(place, is_patient, &output->fd);
        output->is_fifo = S_ISFIFO(place->status.st_mode) && place->own_fd < 0;
    }
    if (why)
        return why;
    /* a descriptor of ours that others share cannot be told not to block */
    if (!is_patient && poll(&(struct pollfd){.fd = output->fd, .events = POLLOUT}, 1, 0) == 0)
        return EAGAIN;
    why = write_from(output->fd, bytes, &output->done, is_patient);
    if (why != EPIPE || is_patient || !output->is_fifo)
        return why;
    close(output->fd);
    output->fd = -1;
    output->done = 0;
    return EAGAIN;
}

static void finish_output(struct auth_file_output *output, struct place *place)
{
    bool is_stream = place->is_stream || !place->path.p;
    output->is_written = true;
    output->path = is_stream ? NULL : auth_view_dup(auth_buf_view(&place->path));
    if (output->path)
        return;
    close(output->fd); /* whoever reads a FIFO waits for its end */
    output->fd = -1;
}

/* 0 or an errno; EAGAIN as of open_stream(). */
static int begin(const struct place *place, unsigned mode, int *fd)
{
    if (S_ISDIR(place->status.st_mode))
        return EISDIR;
    if (place->is_stream || place->own_fd >= 0)
        return open_stream(place, false, fd);
    *fd = open(place->path.p, O_WRONLY | O_APPEND | O_TRUNC | O_CREAT | O_CLOEXEC | O_NOCTTY, (mode_t)mode);
    return *fd < 0 ? errno : 0;
}

enum auth_rc auth_file_begin(const char *path, unsigned mode, int *fd, struct auth_err *err)
{
    struct place place;
    int why = find_place(path, &place);
    *fd = -1;
    if (!why)
        why = begin(&place, mode, fd);
    enum auth_rc rc = why == EAGAIN ? auth_err_set(err, AUTH_E_IO, "%s: nobody reads this FIFO", path)
                      : why         ? place_error(err, path, &place, why)
                                    : AUTH_OK;
    auth_buf_clear(&place.path);
    return rc;
}

static enum auth_rc output_step(struct auth_file_output *output, struct auth_view bytes, unsigned mode, bool is_patient,
                                struct auth_err *err)
{
    struct place place = {0};
    int why = write_output(output, bytes, mode, is_patient, &place);
    enum auth_rc rc = why == 0 ? AUTH_OK : why == EAGAIN ? AUTH_E_WAIT : place_error(err, output->name, &place, why);
    if (rc == AUTH_OK)
        finish_output(output, &place);
    output->why = why;
    auth_buf_clear(&place.path);
    return rc;
}

enum auth_rc auth_file_offer(struct auth_file_output *output, struct auth_view bytes, unsigned mode,
                             struct auth_err *err)
{
    return output->is_written ? AUTH_OK : output_step(output, bytes, mode, false, err);
}

/* The file at path is the one that fd has open. */
static bool is_same(const char *path, int fd)
{
    struct stat named, open_one;
    return lstat(path, &named) == 0 && fstat(fd, &open_one) == 0 && S_ISREG(named.st_mode) &&
           named.st_dev == open_one.st_dev && named.st_ino == open_one.st_ino;
}

void auth_file_withdraw(struct auth_file_output *output)
{
    if (output->path && is_same(output->path, output->fd)) {
        if (!output->is_in_place)
            (void)unlink(output->path);
        else if (ftruncate(output->fd, 0) != 0) {
            /* the name is not ours to remove; its content says what was true */
        }
    }
    auth_file_close(output);
}

void auth_file_close(struct auth_file_output *output)
{
    if (output->fd >= 0)
        close(output->fd);
    free(output->path);
    *output = (struct auth_file_output){.name = output->name, .fd = -1};
}

enum auth_rc auth_file_write(const char *path, struct auth_view bytes, unsigned mode, enum auth_file_replace replace,
                             struct auth_err *err)
{
    struct auth_file_output output = {.name = path, .fd = -1};
    enum auth_rc rc;
    if (replace == AUTH_FILE_REPLACE) {
        rc = output_step(&output, bytes, mode, true, err);
    } else {
        int why = write_new(path, bytes, mode, &output.fd);
        rc = why == EEXIST ? auth_err_set(err, AUTH_E_EXISTS, "%s: exists already; it is not overwritten", path)
             : why         ? io_error(err, path, why)
                           : AUTH_OK;
    }
    auth_file_close(&output);
    return rc;
}

static bool is_held(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    bool is_free = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
    if (fd >= 0)
        close(fd);
    return !is_free;
}

void auth_file_remove_left(const char *path)
{
    struct place place;
    if (find_place(path, &place) == 0 && place.exists && !place.is_stream && !is_held(place.path.p))
        (void)unlink(place.path.p);
    auth_buf_clear(&place.path);
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

static enum auth_rc add_name(char ***names, size_t *count, size_t *size, const char *name)
{
    char **grown = auth_array_fit(*names, *count, size, sizeof *grown);
    if (!grown)
        return AUTH_E_NOMEM;
    *names = grown;
    grown[*count] = auth_view_dup(auth_view_from_string(name));
    return grown[*count] ? (++*count, AUTH_OK) : AUTH_E_NOMEM;
}

enum auth_rc auth_file_names(const char *directory, char ***names, size_t *count, struct auth_err *err)
{
    char **found = NULL;
    size_t n = 0, size = 0;
    enum auth_rc rc = AUTH_OK;
    DIR *dir = opendir(directory);
    if (!dir)
        return io_error(err, directory, errno);
    int why = 0;
    while (rc == AUTH_OK) {
        errno = 0; /* readdir() answers its end and a failure alike */
        const struct dirent *entry = readdir(dir);
        why = entry ? 0 : errno;
        if (!entry)
            break;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = add_name(&found, &n, &size, entry->d_name);
    }
    closedir(dir);
    if (rc != AUTH_OK || why) {
        auth_file_names_free(found, n);
        return why ? io_error(err, directory, why) : auth_err_set(err, rc, "out of memory");
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

/* ---- appending to a file that others read and write, too ---- */

/* What is there already may end in the middle of a line. A file that cannot be read is taken to be whole. */
static bool ends_within_line(const char *path, off_t size)
{
    char last = '\n';
    int fd = size > 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
    if (fd >= 0) {
        if (pread(fd, &last, 1, size - 1) != 1)
            last = '\n';
        (void)close(fd);
    }
    return last != '\n';
}

/* 0 or an errno. Nothing half stays behind in a regular file. */
static int append_lines(int fd, const char *path, struct auth_view lines)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode) || S_ISSOCK(st.st_mode))
        return EINVAL;
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK); /* open() was not to wait, writing may */
    int why = 0;
    if (S_ISREG(st.st_mode) && ends_within_line(path, st.st_size))
        why = auth_file_write_fd(fd, auth_view_from_string("\n"));
    if (!why)
        why = auth_file_write_fd(fd, lines);
    if (why && S_ISREG(st.st_mode) && ftruncate(fd, st.st_size) != 0) {
        /* the first failure is told */
    }
    return why;
}

enum auth_rc auth_file_append(const char *path, struct auth_view lines, unsigned mode, struct auth_err *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, (mode_t)mode);
    int why = fd < 0 ? errno : append_lines(fd, path, lines);
    if (fd >= 0 && close(fd) != 0 && !why)
        why = errno;
    if (!why)
        return AUTH_OK;
    return auth_err_set(err, AUTH_E_IO, "%s: %s", path, why == ENXIO ? "nobody reads this FIFO" : strerror(why));
}
