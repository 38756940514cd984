/* Lines added to a file that others read and write too. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/core/file.h"

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
static int append(int fd, const char *path, struct auth_view lines)
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
    int why = fd < 0 ? errno : append(fd, path, lines);
    if (fd >= 0 && close(fd) != 0 && !why)
        why = errno;
    if (!why)
        return AUTH_OK;
    return auth_err_set(err, AUTH_E_IO, "%s: %s", path, why == ENXIO ? "nobody reads this FIFO" : strerror(why));
}
