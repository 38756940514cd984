/* The temporary files of a run, and their directory. */
#include "mock_epic/start/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/file.h"

enum { PATH_MAX_N = 64 * 1024 };

void mock_temporary_init(struct mock_temporary *temporary)
{
    memset(temporary, 0, sizeof *temporary);
    auth_buf_init(&temporary->directory, PATH_MAX_N);
}

static enum auth_rc make_directory(struct mock_temporary *temporary, struct auth_err *err)
{
    struct auth_buf *directory = &temporary->directory;
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

enum auth_rc mock_temporary_path(struct mock_temporary *temporary, const char *name, const char **path,
                                 struct auth_err *err)
{
    struct auth_buf full;
    if (temporary->count == MOCK_TEMPORARY_FILES)
        return auth_err_set(err, AUTH_E_INTERNAL, "too many temporary files");
    enum auth_rc rc = temporary->directory.n ? AUTH_OK : make_directory(temporary, err);
    if (rc != AUTH_OK)
        return rc;
    auth_buf_init(&full, PATH_MAX_N);
    auth_buf_addf(&full, "%s/%s", temporary->directory.p, name);
    char *taken = auth_buf_take(&full, NULL);
    auth_buf_clear(&full);
    if (!taken)
        return auth_err_no_memory(err);
    temporary->files[temporary->count++] = taken;
    *path = taken;
    return AUTH_OK;
}

enum auth_rc mock_temporary_write(struct mock_temporary *temporary, const char *name, struct auth_view bytes,
                                  unsigned mode, const char **path, struct auth_err *err)
{
    enum auth_rc rc = mock_temporary_path(temporary, name, path, err);
    return rc == AUTH_OK ? auth_file_write(*path, bytes, mode, AUTH_FILE_NEW_ONLY, err) : rc;
}

void mock_temporary_remove(struct mock_temporary *temporary)
{
    for (size_t i = 0; i < temporary->count; i++) {
        (void)unlink(temporary->files[i]);
        free(temporary->files[i]);
    }
    temporary->count = 0;
    if (temporary->directory.n)
        (void)rmdir(temporary->directory.p);
    auth_buf_clear(&temporary->directory);
}
