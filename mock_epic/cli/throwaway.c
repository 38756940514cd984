#include "mock_epic/cli/throwaway.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/file.h"

enum { PATH_MAX_N = 64 * 1024 };

void mock_throwaway_init(struct mock_throwaway *throwaway)
{
    memset(throwaway, 0, sizeof *throwaway);
    auth_buf_init(&throwaway->directory, PATH_MAX_N);
}

static enum auth_rc make_directory(struct mock_throwaway *throwaway, struct auth_err *err)
{
    struct auth_buf *directory = &throwaway->directory;
    const char *tmp = getenv("TMPDIR");
    if (!tmp || !*tmp)
        tmp = "/tmp";
    char *real = realpath(tmp, NULL);
    if (!real)
        return auth_err_set(err, AUTH_E_IO, "no temporary directory: %s: TMPDIR is %s", strerror(errno), tmp);
    auth_buf_addf(directory, "%s/mock-epic-XXXXXX", real);
    free(real);
    enum auth_rc rc = auth_buf_check(directory, err);
    if (rc == AUTH_OK && !mkdtemp(directory->p)) {
        rc = auth_err_set(err, AUTH_E_IO, "no temporary directory can be made: %s: TMPDIR is %s", strerror(errno), tmp);
        auth_buf_reset(directory);
    }
    return rc;
}

enum auth_rc mock_throwaway_path(struct mock_throwaway *throwaway, const char *name, const char **path,
                                 struct auth_err *err)
{
    struct auth_buf full;
    if (throwaway->count == MOCK_THROWAWAY_FILES)
        return auth_err_set(err, AUTH_E_INTERNAL, "too many throw-away files");
    enum auth_rc rc = throwaway->directory.n ? AUTH_OK : make_directory(throwaway, err);
    if (rc != AUTH_OK)
        return rc;
    auth_buf_init(&full, PATH_MAX_N);
    auth_buf_addf(&full, "%s/%s", throwaway->directory.p, name);
    char *taken = auth_buf_take(&full, NULL);
    auth_buf_clear(&full);
    if (!taken)
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    throwaway->files[throwaway->count++] = taken;
    *path = taken;
    return AUTH_OK;
}

enum auth_rc mock_throwaway_write(struct mock_throwaway *throwaway, const char *name, struct auth_view bytes,
                                  unsigned mode, const char **path, struct auth_err *err)
{
    enum auth_rc rc = mock_throwaway_path(throwaway, name, path, err);
    return rc == AUTH_OK ? auth_file_write(*path, bytes, mode, AUTH_FILE_NEW_ONLY, err) : rc;
}

void mock_throwaway_remove(struct mock_throwaway *throwaway)
{
    for (size_t i = 0; i < throwaway->count; i++) {
        (void)unlink(throwaway->files[i]);
        free(throwaway->files[i]);
    }
    throwaway->count = 0;
    if (throwaway->directory.n)
        (void)rmdir(throwaway->directory.p);
    auth_buf_clear(&throwaway->directory);
}
