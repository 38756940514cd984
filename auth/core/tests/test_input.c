/* What a name that the user gave may stand for: files, FIFOs, our own descriptors; and that nothing waits for ever. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/core/input.h"

enum { CAP = 200 * 1024 };

static const struct auth_input_patience short_one = {.writer_ms = 50, .silent_ms = 200},
                                        long_one = {.writer_ms = 60 * 1000, .silent_ms = 60 * 1000};

static char folder[] = "/tmp/epic-input-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/x", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static enum auth_rc get(const char *name, struct auth_input_patience patience, struct auth_buf *out,
                        struct auth_err *err)
{
    auth_buf_init(out, CAP);
    memset(err, 0, sizeof *err);
    return auth_input_read_within(name, patience, out, err);
}

static void wants(const char *name, struct auth_input_patience patience, enum auth_rc rc, const char *text)
{
    struct auth_buf out;
    struct auth_err err;
    assert_int_equal(get(name, patience, &out, &err), rc);
    if (rc == AUTH_OK)
        assert_true(auth_view_equals(auth_buf_view(&out), text));
    else if (!strstr(err.detail, text))
        fail_msg("%s", err.detail);
    auth_buf_clear(&out);
}

/* ---- a FIFO ---- */

struct writer {
    size_t n;     /* bytes to write */
    bool is_kept; /* stays open until the reader has given up */
    int fd;
};

static void *write_fifo(void *arg)
{
    struct writer *w = arg;
    char byte = 'a';
    w->fd = open(path, O_WRONLY); /* waits for the reader */
    for (size_t i = 0; i < w->n; i++)
        (void)!write(w->fd, &byte, 1);
    if (!w->is_kept)
        close(w->fd);
    return NULL;
}

static enum auth_rc read_from(struct writer *w, struct auth_input_patience patience, size_t *n, struct auth_err *err)
{
    pthread_t thread;
    struct auth_buf out;
    assert_int_equal(pthread_create(&thread, NULL, write_fifo, w), 0);
    enum auth_rc rc = get(path, patience, &out, err);
    *n = out.n;
    auth_buf_clear(&out);
    int unblock = open(path, O_RDONLY | O_NONBLOCK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close(unblock);
    if (w->is_kept)
        close(w->fd);
    return rc;
}

static void test_fifo(void **state)
{
    struct auth_err err;
    struct writer none = {.n = 0}, some = {.n = 100 * 1024}, full = {.n = CAP}, more = {.n = CAP + 1},
                  silent = {.n = 3, .is_kept = true};
    size_t n;
    (void)state;
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    wants(path, short_one, AUTH_E_TIMEOUT, "nobody writes");
    assert_int_equal(read_from(&none, long_one, &n, &err), AUTH_OK);
    assert_int_equal(n, 0);
    assert_int_equal(read_from(&some, long_one, &n, &err), AUTH_OK);
    assert_int_equal(n, 100 * 1024);
    assert_int_equal(read_from(&full, long_one, &n, &err), AUTH_OK);
    assert_int_equal(n, CAP);
    assert_int_equal(read_from(&more, long_one, &n, &err), AUTH_E_TOO_BIG);
    assert_int_equal(read_from(&silent, (struct auth_input_patience){60 * 1000, 200}, &n, &err), AUTH_E_TIMEOUT);
    assert_non_null(strstr(err.detail, "fell silent"));
    assert_non_null(strstr(err.detail, path));
    (void)unlink(path);
}

/* ---- our own descriptors, as the shell's <(...) names them ---- */

static void test_own_descriptors(void **state)
{
    char name[32];
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    wants(name, short_one, AUTH_E_TIMEOUT, "fell silent"); /* its writer is still there */
    close(ends[1]);
    wants(name, short_one, AUTH_OK, ""); /* an end without a byte is an end, and no wait for a writer */
    close(ends[0]);
    wants(name, short_one, AUTH_E_IO, name);
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    close(ends[1]);
    wants(name, short_one, AUTH_OK, "abc");
    close(ends[0]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0); /* what node gives its children */
    (void)snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    close(ends[1]);
    wants(name, short_one, AUTH_OK, "abc");
    close(ends[0]);
}

/* ---- everything else ---- */

static void test_files(void **state)
{
    FILE *file = fopen(path, "w");
    (void)state;
    assert_non_null(file);
    fputs("text", file);
    fclose(file);
    wants(path, short_one, AUTH_OK, "text");
    int fd = open(path, O_RDONLY);
    char name[32];
    (void)snprintf(name, sizeof name, "/dev/fd/%d", fd);
    assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
    wants(name, short_one, AUTH_OK, "xt"); /* from where it stands, as with < */
    close(fd);
    wants(folder, short_one, AUTH_E_IO, "directory");
    (void)unlink(path);
    wants(path, short_one, AUTH_E_NOT_FOUND, path);
    if (mknod(path, S_IFCHR | 0600, (dev_t)0x103) == 0) { /* a null device; only root makes one */
        wants(path, short_one, AUTH_E_IO, "device");
        (void)unlink(path);
    }
}

static void test_standard_input(void **state)
{
    int ends[2], saved = dup(STDIN_FILENO);
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "one", 3), 3);
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    wants("-", short_one, AUTH_OK, "one");
    wants("-", short_one, AUTH_E_ARG, "once only");
    wants("/dev/stdin", short_one, AUTH_OK, "");
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    close(saved);
}

/* What "$(cat FILE)" puts where a path belongs is named, and never shown. */
static void test_a_text_is_no_path(void **state)
{
    static const struct {
        const char *given, *wanted;
        enum auth_rc rc;
    } rows[] = {
        {"-----BEGIN PRIVATE KEY-----\nMIIE", "a key or certificate itself", AUTH_E_ARG},
        {"  {\"keys\":[]}", "JSON itself", AUTH_E_ARG},
        {"[{\"kty\":\"RSA\"}]", "JSON itself", AUTH_E_ARG},
        {"eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJ4In0.c2lnc2lnc2lnc2lnc2lnc2lnc2ln", "a JWT itself", AUTH_E_ARG},
        {"curl https://h/t", "a request itself", AUTH_E_ARG},
        {"eyJ.jwt", "No such file", AUTH_E_NOT_FOUND},
        {"keys/{a}.json", "No such file", AUTH_E_NOT_FOUND},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf out;
        struct auth_err err;
        assert_int_equal(get(rows[i].given, short_one, &out, &err), rows[i].rc);
        assert_non_null(strstr(err.detail, rows[i].wanted));
        assert_true(rows[i].rc == AUTH_E_NOT_FOUND || !strstr(err.detail, rows[i].given));
        auth_buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_is_no_path), cmocka_unit_test(test_fifo),
        cmocka_unit_test(test_own_descriptors),   cmocka_unit_test(test_files),
        cmocka_unit_test(test_standard_input),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder) ? 1 : 0;
}
