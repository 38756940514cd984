/* The journal as a file: every entry is a line of JSON, written as it happens, so that nothing is missed however much comes.
 *
 * Nobody who is answered waits for it: what a slow reader of a FIFO does not take is dropped and counted, and
 * {"dropped":N} stands in its place. Threads safe. */
#ifndef MOCK_EPIC_EVIDENCE_JOURNAL_FILE_H
#define MOCK_EPIC_EVIDENCE_JOURNAL_FILE_H

#include "auth/core/lines.h"
#include "mock_epic/state/journal.h"

struct mock_journal_file {
    const char *path; /* borrowed */
    int fd;
    struct auth_lines *lines; /* NULL: there is no file */
    uint64_t lost;            /* entries that never came here */
};

/* Open the file, which begins anew; a FIFO must have its reader.
 * in   path  NULL: no file, and all calls do nothing
 * rc   AUTH_E_IO (detail names path and cause), AUTH_E_NOMEM. End it in every case */
AUTH_MUST_CHECK enum auth_rc mock_journal_file_begin(struct mock_journal_file *file, const char *path,
                                                     struct auth_err *err);
/* For mock_journal_watch(): ctx is the file. */
void mock_journal_file_see(void *ctx, const struct mock_journal_entry *entry);
/* An entry as another server wrote it: JSON text. */
void mock_journal_file_add(struct mock_journal_file *file, struct auth_view json);
/* So many entries were overwritten in another server's ring before they could be had. */
void mock_journal_file_lose(struct mock_journal_file *file, uint64_t count);
/* Nobody may add any more.
 * rc   AUTH_E_IO: some entries are not in it; detail says how many */
AUTH_MUST_CHECK enum auth_rc mock_journal_file_end(struct mock_journal_file *file, struct auth_err *err);

#endif
