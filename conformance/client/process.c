/* posix_spawn() and what surrounds it. */
#include "conformance/client/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/suite/child.h"

extern char **environ;

/* ---- a place ---- */

enum auth_rc conf_scratch_make(char **path, struct auth_err *err)
{
    static const char name[] = "/epic-conformance-XXXXXX";
    const char *tmp = getenv("TMPDIR");
    const char *base = tmp && *tmp ? tmp : "/tmp";
    size_t n = strlen(base) + sizeof name;
    *path = malloc(n);
    if (!*path)
        return auth_err_no_memory(err);
    (void)snprintf(*path, n, "%s%s", base, name);
    if (mkdtemp(*path))
        return AUTH_OK;
    free(*path);
    *path = NULL;
    return auth_err_set(err, AUTH_E_IO, "no temporary directory can be made in %s", base);
}

void conf_scratch_remove(char *path)
{
    DIR *directory = path ? opendir(path) : NULL;
    for (const struct dirent *file; directory && (file = readdir(directory)) != NULL;)
        (void)unlinkat(dirfd(directory), file->d_name, 0); /* "." and ".." are none that could be */
    if (directory)
        (void)closedir(directory);
    if (path)
        (void)rmdir(path);
    free(path);
}

/* ---- a program ---- */

/* Returns 0 or an errno. */
static int spawn(char *const *argv, int out, int err_to, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, err_to, STDERR_FILENO);
    int why = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return why;
}

enum auth_rc conf_process_run(const char *const *argv, int out, int err_to, int *status, struct auth_err *err)
{
    pid_t pid = 0;
    int ended = 0;
    size_t n = 0;
    while (argv[n])
        n++;
    if (n == 0)
        return auth_err_set(err, AUTH_E_ARG, "no program is named");
    char **copy = calloc(n + 1, sizeof *copy);
    if (!copy) {
        (void)auth_err_no_memory(err);
        return AUTH_E_NOMEM;
    }
    memcpy(copy, argv, n * sizeof *copy); /* posix_spawn() changes none of them */
    int why = spawn(copy, out, err_to, &pid);
    free(copy);
    if (why)
        return auth_err_set(err, AUTH_E_NOT_FOUND, "%s: %s", argv[0], strerror(why));
    conf_child_watch(pid);
    while (waitpid(pid, &ended, 0) < 0 && errno == EINTR)
        continue;
    conf_child_forget(pid);
    *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    return AUTH_OK;
}
