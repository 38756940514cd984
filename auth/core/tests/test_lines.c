/* Lines to a reader who does not read: nobody waits, lines stay whole and in order, and what was dropped is counted in its
 * place. Through a pipe, a socket, a terminal whose flow is stopped, and where only a thread can write without waiting. */
#define _XOPEN_SOURCE 700 /* posix_openpt() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/lines.h"
#include "auth/core/process.h"

enum { WRITERS = 4, LINES_EACH = 2000, PATIENCE_MS = 60000 };

static void tell(void *ctx, uint64_t dropped, int why, struct auth_buf *out)
{
    (void)ctx;
    auth_buf_addf(out, "dropped %llu%s\n", (unsigned long long)dropped, why == EFBIG ? " full" : "");
}

static int64_t now_ms(void)
{
    const struct auth_env *env = auth_env_system();
    return env->steady_ms(env->ctx);
}

static struct auth_lines *lines_new(int fd)
{
    struct auth_lines *lines = NULL;
    assert_int_equal(auth_lines_new(fd, tell, NULL, &lines), AUTH_OK);
    return lines;
}

struct writer {
    pthread_t thread;
    struct auth_lines *lines;
    int number;
};

/* Line i of writer w: "w i" and a tail whose length follows from both, now and then longer than PIPE_BUF. */
static size_t tail_n(int writer, int i)
{
    return i % 500 == 7 ? 6000 : (size_t)((writer + i) % 90);
}

static void *write_lines(void *arg)
{
    const struct writer *writer = arg;
    for (int i = 0; i < LINES_EACH; i++) {
        struct auth_buf text;
        auth_buf_init(&text, 16384);
        auth_buf_addf(&text, "%d %d ", writer->number, i);
        for (size_t n = tail_n(writer->number, i); n; n--)
            auth_buf_add_char(&text, 'x');
        auth_buf_add_char(&text, '\n');
        auth_lines_write(writer->lines, auth_buf_view(&text));
        auth_buf_clear(&text);
    }
    return NULL;
}

static void write_from_all(struct auth_lines *lines)
{
    struct writer writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i].lines = lines;
        writers[i].number = i;
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_lines, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
}

/* What was read so far. */
struct reader {
    int fd;
    struct auth_buf text;
    int next[WRITERS];
    unsigned long long seen, dropped;
};

static void read_line(struct reader *reader, struct auth_view line)
{
    int64_t number = 0, i = 0;
    if (auth_view_starts(line, "dropped ")) {
        (void)auth_view_split(&line, ' ');
        assert_true(auth_view_int(line, &number));
        reader->dropped += (unsigned long long)number;
        return;
    }
    assert_true(auth_view_int(auth_view_split(&line, ' '), &number) && number < WRITERS);
    assert_true(auth_view_int(auth_view_split(&line, ' '), &i));
    assert_true(i >= reader->next[number]); /* in order */
    reader->next[number] = (int)i + 1;
    assert_int_equal(line.n, tail_n((int)number, (int)i)); /* and whole */
    reader->seen++;
}

/* Read what there is; false at the end. */
static bool read_some(struct reader *reader, int wait_ms)
{
    char bytes[8192];
    if (poll(&(struct pollfd){.fd = reader->fd, .events = POLLIN}, 1, wait_ms) <= 0)
        return true;
    ssize_t n = read(reader->fd, bytes, sizeof bytes);
    if (n <= 0)
        return false;
    auth_buf_add(&reader->text, bytes, (size_t)n);
    size_t at;
    while ((at = auth_view_find(auth_buf_view(&reader->text), '\n')) < reader->text.n) {
        struct auth_view line = auth_view_without_line_end(auth_view_bytes(reader->text.p, at + 1));
        read_line(reader, line);
        memmove(reader->text.p, reader->text.p + at + 1, reader->text.n - at - 1);
        reader->text.n -= at + 1;
    }
    return true;
}

static void read_everything(struct reader *reader)
{
    int64_t end_ms = now_ms() + PATIENCE_MS;
    while (reader->seen + reader->dropped < WRITERS * LINES_EACH && now_ms() < end_ms)
        (void)read_some(reader, 100);
}

/* Everything was read or counted, and nothing half is left. */
static void settle(struct reader *reader, bool is_something_dropped)
{
    assert_int_equal(reader->seen + reader->dropped, WRITERS * LINES_EACH);
    assert_true(reader->dropped > 0 || !is_something_dropped);
    assert_int_equal(reader->text.n, 0);
    auth_buf_clear(&reader->text);
    close(reader->fd);
}

/* Write without a reader, then read, then end. */
static void try_unread(int reading, int writing)
{
    struct reader reader = {.fd = reading};
    struct auth_lines *lines = lines_new(writing);
    auth_buf_init(&reader.text, 1024 * 1024);
    write_from_all(lines);
    read_everything(&reader);
    auth_lines_write(lines, auth_view_from_string("0 9999 \n"));
    int64_t before_ms = now_ms();
    auth_lines_end(lines, 1000);
    assert_true(now_ms() - before_ms < PATIENCE_MS);
    reader.next[0] = LINES_EACH;
    close(writing);
    settle(&reader, true);
}

static void test_a_pipe(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    try_unread(fds[0], fds[1]);
}

static void test_a_socket(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    try_unread(fds[0], fds[1]);
}

/* A pipe of another user cannot be opened again, so a thread writes. */
static void test_a_pipe_that_only_a_thread_can_write(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    if (geteuid() != 0 || fchmod(fds[1], 0) != 0 || seteuid(65534) != 0)
        skip();
    assert_int_equal(auth_process_open_again(fds[1]), -1);
    try_unread(fds[0], fds[1]);
    assert_int_equal(seteuid(0), 0);
}

static void test_a_terminal_whose_flow_is_stopped(void **state)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    struct termios raw;
    (void)state;
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        skip();
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    assert_int_equal(tcgetattr(slave, &raw), 0);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    assert_int_equal(tcflow(slave, TCOOFF), 0);
    struct auth_lines *lines = lines_new(slave);
    write_from_all(lines);
    assert_int_equal(tcflow(slave, TCOON), 0);
    struct reader reader = {.fd = master};
    auth_buf_init(&reader.text, 1024 * 1024);
    read_everything(&reader);
    auth_lines_end(lines, 1000);
    close(slave);
    settle(&reader, true);
}

/* Whoever waits for the end of a process before he reads finds all of it, and how much is missing. */
static void test_a_pipe_that_is_read_when_all_is_over(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    struct auth_lines *lines = lines_new(fds[1]);
    write_from_all(lines);
    auth_lines_end(lines, 50);
    close(fds[1]);
    struct reader reader = {.fd = fds[0]};
    auth_buf_init(&reader.text, 1024 * 1024);
    while (read_some(&reader, -1)) {
    }
    settle(&reader, true);
}

static void test_a_reader_who_reads_gets_everything(void **state)
{
    int fds[2];
    struct writer writer = {.number = 0};
    (void)state;
    assert_int_equal(pipe(fds), 0);
    struct reader reader = {.fd = fds[0], .next = {0}};
    auth_buf_init(&reader.text, 1024 * 1024);
    writer.lines = lines_new(fds[1]);
    assert_int_equal(pthread_create(&writer.thread, NULL, write_lines, &writer), 0);
    int64_t end_ms = now_ms() + PATIENCE_MS;
    while (reader.seen < LINES_EACH && reader.dropped == 0 && now_ms() < end_ms)
        (void)read_some(&reader, 100);
    pthread_join(writer.thread, NULL);
    auth_lines_end(writer.lines, 1000);
    close(fds[1]);
    assert_int_equal(reader.text.n, 0);
    assert_true(reader.seen == LINES_EACH || reader.dropped > 0);
    auth_buf_clear(&reader.text);
    close(fds[0]);
}

static void test_a_reader_who_is_gone(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    struct auth_lines *lines = lines_new(fds[1]);
    auth_lines_write(lines, auth_view_from_string("somebody reads\n"));
    close(fds[0]);
    write_from_all(lines);
    int64_t before_ms = now_ms();
    auth_lines_end(lines, PATIENCE_MS);
    assert_true(now_ms() - before_ms < PATIENCE_MS); /* there is nobody to wait for */
    close(fds[1]);
}

static void test_a_file_has_each_line_at_once(void **state)
{
    char path[] = "/tmp/test_lines.XXXXXX";
    int fd = mkstemp(path);
    struct stat info;
    (void)state;
    assert_true(fd >= 0);
    struct auth_lines *lines = lines_new(fd);
    auth_lines_write(lines, auth_view_from_string("one\n"));
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_size, 4);
    auth_lines_write(lines, auth_view_from_string("two\nthree\n"));
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_size, 14);
    auth_lines_end(lines, 1000);
    close(fd);
    unlink(path);
    auth_lines_end(NULL, 1000);
}

static void test_a_full_disk_that_has_room_again(void **state)
{
    char path[] = "/tmp/test_lines.XXXXXX";
    int fd = mkstemp(path);
    struct rlimit before, full;
    struct auth_buf text;
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    full = before;
    full.rlim_cur = 7;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    struct auth_lines *lines = lines_new(fd);
    auth_lines_write(lines, auth_view_from_string("one\n"));
    for (int i = 0; i < 20000; i++)
        auth_lines_write(lines, auth_view_from_string("half a line\n"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    auth_lines_write(lines, auth_view_from_string("room\n"));
    auth_lines_end(lines, 1000);
    auth_buf_init(&text, 1024 * 1024);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(auth_file_read_fd(fd, &text, NULL), AUTH_OK);
    struct auth_view rest = auth_buf_view(&text);
    long long count = 0;
    int64_t dropped = 0;
    assert_true(auth_view_equals(auth_view_split(&rest, '\n'), "one"));
    for (; auth_view_starts(rest, "half a line\n"); count++)
        (void)auth_view_split(&rest, '\n');
    assert_true(auth_view_equals(auth_view_split(&rest, ' '), "dropped"));
    assert_true(auth_view_int(auth_view_split(&rest, ' '), &dropped) && dropped > 0);
    assert_true(auth_view_equals(auth_view_split(&rest, '\n'), "full"));
    assert_int_equal(count + dropped, 20000);
    assert_true(auth_view_equals(rest, "room\n"));
    auth_buf_clear(&text);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pipe),
        cmocka_unit_test(test_a_socket),
        cmocka_unit_test(test_a_pipe_that_only_a_thread_can_write),
        cmocka_unit_test(test_a_terminal_whose_flow_is_stopped),
        cmocka_unit_test(test_a_pipe_that_is_read_when_all_is_over),
        cmocka_unit_test(test_a_reader_who_reads_gets_everything),
        cmocka_unit_test(test_a_reader_who_is_gone),
        cmocka_unit_test(test_a_file_has_each_line_at_once),
        cmocka_unit_test(test_a_full_disk_that_has_room_again),
    };
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
