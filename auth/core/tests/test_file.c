/* Files: what may be read, and an output that waits for its reader and is taken back. The names that an output may have are
 * tried through the programs: conformance/tests/test_output.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/core/file.h"

static void test_writing_keeps_what_is_there_and_its_mode(void **state)
{
    char directory[] = "/tmp/test_file.XXXXXX", path[128];
    struct auth_err err = {0};
    struct stat info;
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    assert_int_equal(auth_file_write(path, auth_view_from_string("12345"), 0600, AUTH_FILE_NEW_ONLY, &err), AUTH_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_false(auth_file_is_exposed(path));
    assert_int_equal(auth_file_write(path, auth_view_from_string("x"), 0644, AUTH_FILE_NEW_ONLY, &err), AUTH_E_EXISTS);
    assert_int_equal(auth_file_write(path, auth_view_from_string("123456"), 0644, AUTH_FILE_REPLACE, NULL), AUTH_OK);
    assert_false(auth_file_is_exposed(path)); /* the mode is handed on */
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(auth_file_write(path, auth_view_from_string("123456"), 0600, AUTH_FILE_REPLACE, NULL), AUTH_OK);
    assert_true(auth_file_is_exposed(path));

    unlink(path);
    rmdir(directory);
}

/* What others wrote stays, and a last line without an end gets one; nothing half is left where it fails. */
static void test_lines_are_appended_whole(void **state)
{
    char directory[] = "/tmp/test_file.XXXXXX", path[128], fifo[128];
    struct auth_err err = {0};
    struct auth_buf text;
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    snprintf(fifo, sizeof fifo, "%s/fifo", directory);
    assert_int_equal(auth_file_append(path, auth_view_from_string("a=1\n"), 0600, &err), AUTH_OK);
    assert_int_equal(auth_file_append(path, auth_view_from_string("b=2"), 0600, &err), AUTH_OK);
    assert_int_equal(auth_file_append(path, auth_view_from_string("c=3\n"), 0600, &err), AUTH_OK);
    auth_buf_init(&text, 100);
    assert_int_equal(auth_file_read(path, &text, NULL), AUTH_OK);
    assert_string_equal(text.p, "a=1\nb=2\nc=3\n");
    auth_buf_clear(&text);

    assert_int_equal(auth_file_append(directory, auth_view_from_string("x\n"), 0600, &err), AUTH_E_IO);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    err = (struct auth_err){0};
    assert_int_equal(auth_file_append(fifo, auth_view_from_string("x\n"), 0600, &err), AUTH_E_IO);
    assert_non_null(strstr(err.detail, "nobody reads this FIFO"));

    unlink(fifo);
    unlink(path);
    rmdir(directory);
}

static void test_reading_is_bounded_and_of_regular_files(void **state)
{
    char directory[] = "/tmp/test_file.XXXXXX", path[128], link_path[128];
    struct auth_err err = {0};
    struct auth_buf text;
    char **names = NULL;
    size_t count = 0;
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    snprintf(link_path, sizeof link_path, "%s/link", directory);
    assert_int_equal(auth_file_write(path, auth_view_from_string("123456"), 0600, AUTH_FILE_NEW_ONLY, &err), AUTH_OK);
    auth_buf_init(&text, 5);
    assert_int_equal(auth_file_read(path, &text, NULL), AUTH_E_TOO_BIG);
    auth_buf_clear(&text);
    auth_buf_init(&text, 6);
    assert_int_equal(auth_file_read(path, &text, NULL), AUTH_OK);
    assert_string_equal(text.p, "123456");
    auth_buf_clear(&text);
    assert_int_equal(auth_file_read(directory, &text, NULL), AUTH_E_IO);
    assert_int_equal(auth_file_read("/nowhere/at/all", &text, NULL), AUTH_E_NOT_FOUND);
    auth_err_clear(&err);
    assert_int_equal(auth_file_write("/nowhere/at/all", auth_view_from_string("x"), 0600, AUTH_FILE_REPLACE, &err),
                     AUTH_E_NOT_FOUND);
    assert_non_null(strstr(err.detail, "/nowhere/at/all"));
    assert_int_not_equal(auth_file_write("/proc/file", auth_view_from_string("x"), 0600, AUTH_FILE_REPLACE, NULL),
                         AUTH_OK);

    assert_int_equal(symlink(path, link_path), 0);
    assert_int_equal(auth_file_names(directory, &names, &count, NULL), AUTH_OK);
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "file");
    assert_string_equal(names[1], "link");
    auth_file_names_free(names, count);
    assert_int_equal(auth_file_names("/nowhere", &names, &count, NULL), AUTH_E_NOT_FOUND);
    assert_true(auth_file_is_directory(directory));
    assert_false(auth_file_is_directory(path));
    unlink(link_path);
    unlink(path);
    rmdir(directory);
}

/* ---- outputs ---- */

struct folder {
    char path[32], file[64], link[64];
};

static struct folder folder_new(void)
{
    struct folder folder = {.path = "/tmp/test_file.XXXXXX"};
    assert_non_null(mkdtemp(folder.path));
    snprintf(folder.file, sizeof folder.file, "%s/f", folder.path);
    snprintf(folder.link, sizeof folder.link, "%s/l", folder.path);
    return folder;
}

/* Nothing but these two names may be left. */
static void folder_remove(const struct folder *folder)
{
    unlink(folder->file);
    unlink(folder->link);
    assert_int_equal(rmdir(folder->path), 0);
}

static enum auth_rc offer(struct auth_file_output *output, const char *text)
{
    return auth_file_offer(output, auth_view_from_string(text), 0644, NULL);
}

static bool file_is(const char *path, const char *want)
{
    struct auth_buf text;
    auth_buf_init(&text, 4096);
    bool is = auth_file_read(path, &text, NULL) == AUTH_OK && auth_view_equals(auth_buf_view(&text), want);
    auth_buf_clear(&text);
    return is;
}

static void test_only_what_was_written_is_taken_back(void **state)
{
    struct folder folder = folder_new();
    struct auth_file_output first = {.name = folder.file, .fd = -1}, second = first,
                            third = {.name = folder.link, .fd = -1};
    struct stat info;
    (void)state;
    assert_int_equal(offer(&first, "first"), AUTH_OK);
    assert_int_equal(offer(&first, "first"), AUTH_OK); /* done is done */
    assert_int_equal(offer(&second, "second"), AUTH_OK);
    auth_file_withdraw(&first);
    assert_true(file_is(folder.file, "second"));
    auth_file_withdraw(&second);
    assert_int_not_equal(access(folder.file, F_OK), 0);
    auth_file_withdraw(&second); /* twice is harmless */

    assert_int_equal(symlink("f", folder.link), 0); /* through a dangling link: the target goes, the link stays */
    assert_int_equal(offer(&third, "third"), AUTH_OK);
    assert_true(file_is(folder.file, "third"));
    auth_file_withdraw(&third);
    assert_int_not_equal(lstat(folder.file, &info), 0);
    assert_int_equal(lstat(folder.link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));

    assert_int_equal(offer(&third, "again"), AUTH_OK); /* somebody made something else of the name */
    assert_int_equal(unlink(folder.file), 0);
    assert_int_equal(mkfifo(folder.file, 0600), 0);
    auth_file_withdraw(&third);
    assert_int_equal(lstat(folder.file, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    folder_remove(&folder);
}

static void test_a_fifo_is_offered_until_somebody_reads(void **state)
{
    enum { BIG_N = 100000 }; /* more than a pipe holds */
    struct folder folder = folder_new();
    struct auth_file_output output = {.name = folder.file, .fd = -1};
    char *big = malloc(BIG_N + 1), *read_back = malloc(BIG_N + 1);
    size_t n = 0;
    (void)state;
    assert_non_null(big);
    assert_non_null(read_back);
    memset(big, 'x', BIG_N);
    big[BIG_N] = '\0';
    assert_int_equal(mkfifo(folder.file, 0600), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(offer(&output, big), AUTH_E_WAIT);
    int fd = open(folder.file, O_RDONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    enum auth_rc rc = offer(&output, big);
    assert_int_equal(rc, AUTH_E_WAIT);
    for (int i = 0; i < 100 && n < BIG_N; i++) {
        ssize_t got = read(fd, read_back + n, BIG_N - n);
        n += got > 0 ? (size_t)got : 0;
        rc = offer(&output, big);
    }
    assert_int_equal(rc, AUTH_OK);
    assert_int_equal(n, BIG_N);
    assert_int_equal(read(fd, read_back, 1), 0); /* and its end is seen */
    auth_file_withdraw(&output);
    assert_int_equal(access(folder.file, F_OK), 0);
    close(fd);
    free(read_back);
    free(big);
    folder_remove(&folder);
}

static void test_a_reader_who_went_away_may_come_again(void **state)
{
    struct folder folder = folder_new();
    struct auth_file_output output = {.name = folder.file, .fd = -1};
    char *big = malloc(200001), byte;
    (void)state;
    assert_non_null(big);
    memset(big, 'x', 200000);
    big[0] = 'a';
    big[200000] = '\0';
    assert_int_equal(mkfifo(folder.file, 0600), 0);
    for (int i = 0; i < 3; i++) {
        int fd = open(folder.file, O_RDONLY | O_NONBLOCK);
        assert_true(fd >= 0);
        assert_int_equal(offer(&output, big), AUTH_E_WAIT);
        assert_int_equal(read(fd, &byte, 1), 1);
        assert_int_equal(byte, 'a'); /* from the start each time */
        close(fd);
        assert_int_equal(offer(&output, big), AUTH_E_WAIT);
    }
    auth_file_close(&output);
    free(big);
    folder_remove(&folder);
}

/* A child holds the file, as a server does while it lives. */
static void test_what_a_dead_writer_left_is_removed(void **state)
{
    struct folder folder = folder_new();
    int told[2];
    char byte;
    (void)state;
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct auth_file_output output = {.name = folder.file, .fd = -1};
        byte = offer(&output, "alive") == AUTH_OK ? 'y' : 'n';
        (void)!write(told[1], &byte, 1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    auth_file_remove_left(folder.file);
    assert_true(file_is(folder.file, "alive"));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(file_is(folder.file, "alive"));
    assert_int_equal(symlink("f", folder.link), 0);
    auth_file_remove_left(folder.link);
    assert_int_not_equal(access(folder.file, F_OK), 0);
    auth_file_remove_left(folder.file); /* nothing there */
    assert_int_equal(mkfifo(folder.file, 0600), 0);
    auth_file_remove_left(folder.file);
    assert_int_equal(access(folder.file, F_OK), 0);
    close(told[0]);
    close(told[1]);
    folder_remove(&folder);
}

/* One file system object that may be written in a directory that may not: as root, nothing is forbidden. */
static void test_in_place_where_the_directory_is_closed(void **state)
{
    struct folder folder = folder_new();
    struct auth_file_output output = {.name = folder.file, .fd = -1};
    (void)state;
    assert_int_equal(
        auth_file_write(folder.file, auth_view_from_string("something longer"), 0644, AUTH_FILE_NEW_ONLY, NULL),
        AUTH_OK);
    assert_int_equal(chmod(folder.path, 0555), 0);
    if (geteuid() == 0 &&
        (chown(folder.path, 1, 1) != 0 || chown(folder.file, 65534, 65534) != 0 || seteuid(65534) != 0))
        skip();
    assert_int_equal(offer(&output, "new"), AUTH_OK);
    assert_true(file_is(folder.file, "new"));
    auth_file_withdraw(&output);
    assert_true(file_is(folder.file, ""));
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(folder.path, 0755), 0);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writing_keeps_what_is_there_and_its_mode),
        cmocka_unit_test(test_lines_are_appended_whole),
        cmocka_unit_test(test_reading_is_bounded_and_of_regular_files),
        cmocka_unit_test(test_only_what_was_written_is_taken_back),
        cmocka_unit_test(test_a_fifo_is_offered_until_somebody_reads),
        cmocka_unit_test(test_a_reader_who_went_away_may_come_again),
        cmocka_unit_test(test_what_a_dead_writer_left_is_removed),
        cmocka_unit_test(test_in_place_where_the_directory_is_closed),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
