/* Whole files, bounded; and atomic writing. Regular files only: a FIFO or a directory would hang or surprise. */
#ifndef AUTH_CORE_FILE_H
#define AUTH_CORE_FILE_H

#include "auth/core/buf.h"

/* Append the file's bytes to out.
 * in   path   "-" is not special
 *      out    its cap is the size limit; use a secret buffer for keys
 * rc   AUTH_E_NOT_FOUND; AUTH_E_IO (detail names path and cause); AUTH_E_TOO_BIG; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_file_read(const char *path, struct auth_buf *out, struct auth_err *err);
/* Append all of a stream (standard input) up to the cap. */
AUTH_MUST_CHECK enum auth_rc auth_file_read_fd(int fd, struct auth_buf *out, struct auth_err *err);

enum auth_file_replace { AUTH_FILE_NEW_ONLY, AUTH_FILE_REPLACE };
/* Write through a temporary file in the same directory (O_EXCL, O_NOFOLLOW), fsync, then rename or, for
 * AUTH_FILE_NEW_ONLY, link (AUTH_E_EXISTS when the name is taken). mode e.g. 0600, whatever the umask. */
AUTH_MUST_CHECK enum auth_rc auth_file_write(const char *path, struct auth_view bytes, unsigned mode,
                                             enum auth_file_replace replace, struct auth_err *err);
/* True when group or others have any permission on the file. */
bool auth_file_is_exposed(const char *path);
bool auth_file_is_directory(const char *path);
/* Names in a directory, sorted bytewise, "." and ".." left out. Caller frees names with auth_file_names_free(). */
AUTH_MUST_CHECK enum auth_rc auth_file_names(const char *directory, char ***names, size_t *count, struct auth_err *err);
void auth_file_names_free(char **names, size_t count);

#endif
