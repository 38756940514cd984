/* The file behind a command: found as execvp() finds it, followed through "#!" lines, and looked at as far as the loader does. */
#include "mock_epic/start/reach.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { PATH_N = 4096, START_N = 4096, SCRIPTS_MAX = 5, PROGRAM_HEADERS_MAX = 128, INTERPRETER = 3 };

/* ---- finding ---- */

/* False: it is nowhere. */
static bool find(struct auth_view command, char path[PATH_N])
{
    struct auth_view rest = auth_view_from_string(getenv("PATH"));
    struct auth_buf full;
    bool is_found = false;
    auth_buf_init(&full, PATH_N - 1);
    if (auth_view_find(command, '/') < command.n)
        rest = auth_view_from_string("");
    do {
        struct auth_view directory = auth_view_split(&rest, ':');
        auth_buf_reset(&full);
        auth_buf_add_view(&full, directory);
        auth_buf_add_string(&full, directory.n ? "/" : "");
        auth_buf_add_view(&full, command);
        is_found = auth_buf_ok(&full) && access(full.p, X_OK) == 0;
    } while (!is_found && rest.p);
    if (is_found)
        memcpy(path, full.p, full.n + 1);
    auth_buf_clear(&full);
    return is_found;
}

/* ---- ELF, in the byte order of this machine ---- */

struct elf {
    unsigned char start[64];
    int fd;
};

static uint64_t number_at(const unsigned char *p, size_t n)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    memcpy(&two, p, sizeof two);
    if (n == sizeof two)
        return two;
    memcpy(&four, p, sizeof four);
    if (n == sizeof four)
        return four;
    memcpy(&eight, p, sizeof eight);
    return eight;
}

static bool is_elf(const struct elf *elf)
{
    return memcmp(elf->start,
                  "\x7f"
                  "ELF",
                  4) == 0;
}

static bool is_64(const struct elf *elf)
{
    return elf->start[4] == 2;
}

static bool open_elf(const char *path, struct elf *elf)
{
    elf->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return elf->fd >= 0 && pread(elf->fd, elf->start, sizeof elf->start, 0) == (ssize_t)sizeof elf->start;
}

/* The path of its loader; "" where it has none, and so is statically linked. */
static void read_loader(const struct elf *elf, char loader[PATH_N])
{
    uint64_t at = number_at(elf->start + (is_64(elf) ? 32 : 28), is_64(elf) ? 8 : 4);
    uint64_t size = number_at(elf->start + (is_64(elf) ? 54 : 42), 2);
    uint64_t count = number_at(elf->start + (is_64(elf) ? 56 : 44), 2);
    loader[0] = '\0';
    for (uint64_t i = 0; i < count && i < PROGRAM_HEADERS_MAX; i++) {
        unsigned char header[56] = {0};
        if (pread(elf->fd, header, is_64(elf) ? 56 : 32, (off_t)(at + i * size)) < 32)
            return;
        if (number_at(header, 4) != INTERPRETER)
            continue;
        uint64_t from = number_at(header + (is_64(elf) ? 8 : 4), is_64(elf) ? 8 : 4);
        ssize_t n = pread(elf->fd, loader, PATH_N - 1, (off_t)from);
        loader[n > 0 ? n : 0] = '\0';
        return;
    }
}

/* Same class, byte order and machine as ourselves? */
static bool is_of_this_machine(const struct elf *elf)
{
    struct elf own;
    bool is_same = !open_elf("/proc/self/exe", &own) ||
                   (memcmp(own.start + 4, elf->start + 4, 2) == 0 && memcmp(own.start + 18, elf->start + 18, 2) == 0);
    if (own.fd >= 0)
        (void)close(own.fd);
    return is_same;
}

/* Started with rights that its user has not: setuid, setgid, capabilities. */
static bool has_more_rights(int fd)
{
    struct stat status;
    if (getuid() == 0)
        return fstat(fd, &status) == 0 && status.st_mode & S_ISUID && status.st_uid != 0;
    return fgetxattr(fd, "security.capability", NULL, 0) > 0 ||
           (fstat(fd, &status) == 0 && ((status.st_mode & S_ISUID && status.st_uid != getuid()) ||
                                        (status.st_mode & S_ISGID && status.st_gid != getgid())));
}

static const char *obstacle(const struct elf *elf)
{
    char loader[PATH_N];
    if (!is_of_this_machine(elf))
        return "is made for another machine";
    read_loader(elf, loader);
    if (!loader[0])
        return "is statically linked";
    if (strstr(loader, "musl"))
        return "is linked with another C library";
    return has_more_rights(elf->fd) ? "runs with more rights than you have (setuid, setgid or capabilities)" : NULL;
}

/* ---- scripts ---- */

/* The interpreter of a "#!" line, and behind env(1) the command that it finds. Empty: none. */
static struct auth_view interpreter(struct auth_view start)
{
    static const char blanks[] = " \t";
    if (!auth_view_starts(start, "#!"))
        return auth_view_from_string("");
    struct auth_view line = auth_view_trim(auth_view_from(auth_view_split(&start, '\n'), 2));
    struct auth_view word = line;
    word.n =
        auth_view_find(line, ' ') < auth_view_find(line, '\t') ? auth_view_find(line, ' ') : auth_view_find(line, '\t');
    if (!auth_view_ends(word, "/env"))
        return word;
    struct auth_view rest = auth_view_from(line, word.n);
    do {
        rest = auth_view_trim(rest);
        word = rest;
        for (word.n = 0; word.n < rest.n && !strchr(blanks, rest.p[word.n]);)
            word.n++;
        rest = auth_view_from(rest, word.n);
    } while (rest.n && (auth_view_starts(word, "-") || auth_view_find(word, '=') < word.n));
    return word;
}

enum auth_rc mock_reach_check(const char *command, struct auth_err *err)
{
    char path[PATH_N], start[START_N], program[PATH_N];
    struct auth_view next = auth_view_from_string(command);
    for (int i = 0; i < SCRIPTS_MAX && next.n && find(next, path); i++) {
        struct elf elf;
        bool is_read = open_elf(path, &elf);
        const char *why = is_read && is_elf(&elf) ? obstacle(&elf) : NULL;
        ssize_t n = elf.fd >= 0 ? pread(elf.fd, start, sizeof start, 0) : 0;
        bool is_program = is_read && is_elf(&elf);
        if (elf.fd >= 0)
            (void)close(elf.fd);
        if (why) {
            memcpy(program, path, sizeof program);
            return auth_err_set(err, AUTH_E_CONFIG, "--faketime does not reach %s%s%s: it %s, so its clock stays real",
                                command, i ? ", which is run by " : "", i ? program : "", why);
        }
        if (is_program)
            break;
        next = interpreter(auth_view_bytes(start, n > 0 ? (size_t)n : 0));
        memcpy(program, path, sizeof program);
    }
    return AUTH_OK;
}
