/* Whole files: read up to a bound, regular ones only (a FIFO or a directory would hang or surprise), and written. */
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

/* ---- writing: the one way to a file that a user named ----
 *
 * A name is taken as the shell takes it: symbolic links are followed (a dangling one's target is created), and what is there
 * and no regular file, a FIFO or a device, is opened and written, never replaced; a FIFO is waited for until somebody reads.
 * /dev/stdout, /dev/fd/N and /proc/self/fd/N are those descriptors of ours. A socket is an error; so is another's link in a
 * directory like /tmp, which may be a trap.
 *
 * A regular file is whole or as it was, also on a full disk: it is written beside its name, synced and renamed; no signal
 * leaves the temporary file behind. A file that is replaced hands on its mode and, where that is allowed, its owner; other
 * hard links to it keep the old content. Where its directory cannot be written, or the name cannot be replaced (a file that
 * is mounted by itself), it is written in place, which is not atomic. A file that may not be written is not replaced. */

enum auth_file_replace { AUTH_FILE_NEW_ONLY, AUTH_FILE_REPLACE };
/* AUTH_FILE_NEW_ONLY: AUTH_E_EXISTS when the name is taken, even by a dangling link.
 * mode of a new file: less the umask, but exact when it gives others nothing (0600, secrets). */
AUTH_MUST_CHECK enum auth_rc auth_file_write(const char *path, struct auth_view bytes, unsigned mode,
                                             enum auth_file_replace replace, struct auth_err *err);
/* Append lines to a file that others write too; it is made (mode, less the umask) when it is not there, links are followed, and
 * a last line without an end gets one first. Where that fails, a regular file is as it was.
 * rc   AUTH_E_IO: detail names path and cause */
AUTH_MUST_CHECK enum auth_rc auth_file_append(const char *path, struct auth_view lines, unsigned mode,
                                              struct auth_err *err);
/* Open a file to write to it line by line: emptied, links followed, made (mode, less the umask) when it is not there; a FIFO must
 * have its reader. A descriptor of ours, such as /dev/stdout, is that once more, and goes on where it is.
 * out  *fd  caller closes
 * rc   AUTH_E_NOT_FOUND, AUTH_E_IO: detail names path and cause */
AUTH_MUST_CHECK enum auth_rc auth_file_begin(const char *path, unsigned mode, int *fd, struct auth_err *err);
/* All bytes to an open descriptor, waiting where it is one that does not block. 0 or an errno. */
AUTH_MUST_CHECK int auth_file_write_fd(int fd, struct auth_view bytes);

/* A file that its writer may take back, and that may have to wait for its reader. Set name and fd = -1 first. */
struct auth_file_output {
    const char *name; /* borrowed */
    int fd;       /* a regular file is held open: its inode number is not used again, and its lock tells that we live */
    char *path;   /* of the regular file that was written; NULL: a stream */
    size_t done;  /* bytes that a stream has taken */
    bool is_fifo; /* opened by name: whoever closed it unread may open it again */
    int why;      /* errno of the failure that was told */
    bool is_written, is_in_place;
};
/* Write without ever waiting.
 * rc   AUTH_E_WAIT: nobody reads the FIFO yet, or its reader is slow, or went away and gets all when he comes again: call
 *      again with the same bytes; else as above */
AUTH_MUST_CHECK enum auth_rc auth_file_offer(struct auth_file_output *output, struct auth_view bytes, unsigned mode,
                                             struct auth_err *err);
/* Remove what was written if the name still stands for it, and close. Streams and links stay; a file that was written in
 * place is emptied. */
void auth_file_withdraw(struct auth_file_output *output);
/* Close; what was written stays. */
void auth_file_close(struct auth_file_output *output);
/* Remove a regular file that such a writer left behind, links followed; one whose writer is alive, and holds it, stays. */
void auth_file_remove_left(const char *path);

/* ---- asking ---- */

/* True when group or others have any permission on the file. */
bool auth_file_is_exposed(const char *path);
bool auth_file_is_directory(const char *path);
/* Names in a directory, sorted bytewise, "." and ".." left out. Caller frees names with auth_file_names_free(). */
AUTH_MUST_CHECK enum auth_rc auth_file_names(const char *directory, char ***names, size_t *count, struct auth_err *err);
void auth_file_names_free(char **names, size_t count);

#endif
