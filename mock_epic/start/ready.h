/* Telling that the server is ready: a line on stdout, and a file that is there exactly while the server is.
 *
 * Neither can hold the server up: a FIFO that nobody reads yet and a full pipe are tried again with each tick. */
#ifndef MOCK_EPIC_START_READY_H
#define MOCK_EPIC_START_READY_H

#include "auth/core/file.h"
#include "auth/core/log.h"

struct mock_ready {
    struct auth_buf text;         /* the ready object and a newline; the caller writes it */
    struct auth_file_output file; /* name NULL: none is wanted */
    struct auth_file_output line; /* likewise */
};

enum mock_ready_line { MOCK_READY_SAID, MOCK_READY_SILENT }; /* whether stdout gets a line */
/* Remove the ready file that a server which ended by kill -9 left at path, so that nobody takes it for that of a server which
 * does not even start. A living server's stays, and so does what is no ready file. path may be NULL. */
void mock_ready_remove_left(const char *path);
/* mock_ready_remove_left() first.
 * in   path  NULL: no file */
void mock_ready_init(struct mock_ready *ready, const char *path, enum mock_ready_line line);
/* The file, then the line. What has to wait is done by mock_ready_tick().
 * rc   not AUTH_OK: it could not be told; but a stdout that is closed, or whose reader has gone, is no failure */
AUTH_MUST_CHECK enum auth_rc mock_ready_announce(struct mock_ready *ready, struct auth_err *err);
void mock_ready_tick(struct mock_ready *ready, const struct auth_log *log);
/* The server stops: the file goes, unless another's has taken its place. */
void mock_ready_withdraw(struct mock_ready *ready);

#endif
