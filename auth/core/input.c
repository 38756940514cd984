/* Reads what the user named: files, pipes, standard input. */
#include "auth/core/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/core/file.h"
#include "auth/core/process.h"

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif

enum { CHUNK_N = 64 * 1024 };

static const struct auth_input_patience usual = {.writer_ms = 500, .silent_ms = 60 * 1000};

struct pipe {
    int fd;
    bool is_own; /* one that we were started with: it may block, and its writer was there from the beginning */
    bool has_writer;
    struct auth_input_patience patience;
    struct auth_buf *out;
};

/* One read. *n is what it gave: 0 at the end, -1 (and AUTH_OK) when there is nothing now. */
static enum auth_rc read_some(const struct pipe *pipe, ssize_t *n, struct auth_err *err)
{
    char extra;
    size_t space = pipe->out->cap - pipe->out->n;
    size_t want = space < CHUNK_N ? space : CHUNK_N;
    char *to = space ? auth_buf_reserve(pipe->out, want) : &extra;
    if (!to)
        return auth_err_no_memory(err);
    *n = read(pipe->fd, to, space ? want : 1);
    if (*n < 0 && errno != EINTR && errno != EAGAIN)
        return auth_err_set(err, AUTH_E_IO, "%s", strerror(errno));
    if (*n > 0 && space == 0)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %zu bytes", pipe->out->cap);
    if (*n > 0)
        auth_buf_commit(pipe->out, (size_t)*n);
    return AUTH_OK;
}

/* Nothing came. A FIFO that nobody has opened for writing reads as one at its end; where somebody has, it may take longer. */
static enum auth_rc after_silence(struct pipe *pipe, struct auth_err *err)
{
    ssize_t n = -1;
    enum auth_rc rc = pipe->is_own || pipe->has_writer ? AUTH_OK : read_some(pipe, &n, err);
    if (rc == AUTH_OK && n == 0)
        return auth_err_set(err, AUTH_E_TIMEOUT, "a pipe that nobody writes into");
    if (rc == AUTH_OK && (pipe->is_own || pipe->has_writer))
        return auth_err_set(err, AUTH_E_TIMEOUT, "a pipe whose writer fell silent");
    pipe->has_writer = true;
    return rc;
}

static enum auth_rc read_pipe(struct pipe *pipe, struct auth_err *err)
{
    for (;;) {
        struct pollfd poller = {.fd = pipe->fd, .events = POLLIN};
        bool is_known = pipe->is_own || pipe->has_writer;
        int count = poll(&poller, 1, is_known ? pipe->patience.silent_ms : pipe->patience.writer_ms);
        ssize_t n = -1;
        enum auth_rc rc = count == 0 ? after_silence(pipe, err) : AUTH_OK;
        if (count > 0) {
            rc = read_some(pipe, &n, err);
            pipe->has_writer = true;
        }
        if (rc != AUTH_OK || n == 0)
            return rc;
    }
}

/* The descriptor of ours that the path names, or -1. */
static int own_descriptor(const char *path)
{
    int fd = -1;
    if (strcmp(path, "/dev/stdin") == 0)
        return STDIN_FILENO;
    return auth_process_descriptor(path, &fd) == AUTH_PROCESS_OWN_DESCRIPTOR ? fd : -1;
}

/* A descriptor to read from: a copy of our own, which other readers may share, or the file opened without waiting. */
static int open_input(const char *path, int own)
{
    if (own >= 0)
        return fcntl(own, F_DUPFD_CLOEXEC, 0);
    return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static enum auth_rc read_open(int fd, bool is_own, struct auth_input_patience patience, struct auth_buf *out,
                              struct auth_err *err)
{
    struct stat status;
    struct pipe pipe = {.fd = fd, .is_own = is_own, .patience = patience, .out = out};
    if (fstat(fd, &status) != 0)
        return auth_err_set(err, AUTH_E_IO, "%s", strerror(errno));
    if (S_ISREG(status.st_mode))
        return auth_file_read_fd(fd, out, err);
    if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))
        return read_pipe(&pipe, err);
    return auth_err_set(err, AUTH_E_IO, "is %s, neither a file nor a pipe",
                        S_ISDIR(status.st_mode) ? "a directory" : "a device");
}

/* What was read is gone: a second reader would find nothing, and call that an empty file. */
static enum auth_rc read_standard_input(struct auth_buf *out, struct auth_err *err)
{
    static atomic_bool is_read;
    if (atomic_exchange(&is_read, true))
        return auth_err_set(err, AUTH_E_ARG, "-: standard input can be read once only");
    return auth_file_read_fd(STDIN_FILENO, out, err);
}

/* What a text is that stands where a path belongs: "$(cat jwt)", '{"keys":[]}'; NULL: it may well be a path. */
static const char *text_kind(const char *path)
{
    enum { JWT_MIN_N = 60 };
    struct auth_view text = auth_view_trim(auth_view_from_string(path));
    if (auth_view_contains(text, "-----BEGIN "))
        return "a key or certificate";
    if (auth_view_starts(text, "{") || auth_view_starts(text, "["))
        return "JSON";
    if (auth_view_starts(text, "curl ") || auth_view_starts(text, "POST "))
        return "a request";
    bool is_jwt = text.n >= JWT_MIN_N && auth_view_starts(text, "ey") && auth_view_find(text, '.') < text.n;
    return is_jwt ? "a JWT" : NULL;
}

static enum auth_rc refuse_path(const char *path, int error, struct auth_err *err)
{
    const char *kind = error == ENOENT || error == ENAMETOOLONG ? text_kind(path) : NULL;
    if (kind)
        return auth_err_set(err, AUTH_E_ARG,
                            "%s itself stands where the name of a file belongs; write - and give it on standard input: "
                            "command lines are seen by whoever lists processes, and kept in the shell's history",
                            kind);
    return auth_err_set(err, error == ENOENT ? AUTH_E_NOT_FOUND : AUTH_E_IO, "%s: %s", path, strerror(error));
}

enum auth_rc auth_input_read_within(const char *path, struct auth_input_patience patience, struct auth_buf *out,
                                    struct auth_err *err)
{
    struct auth_err inner = {0};
    if (strcmp(path, "-") == 0)
        return read_standard_input(out, err);
    int own = own_descriptor(path);
    int fd = open_input(path, own);
    if (fd < 0)
        return refuse_path(path, errno, err);
    enum auth_rc rc = read_open(fd, own >= 0, patience, out, &inner);
    if (rc != AUTH_OK)
        auth_err_set(err, rc, "%s: %s", path, inner.detail);
    close(fd);
    return rc;
}

enum auth_rc auth_input_read(const char *path, struct auth_buf *out, struct auth_err *err)
{
    return auth_input_read_within(path, usual, out, err);
}
