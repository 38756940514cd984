/* Entries as lines of a file. */
#include "mock_epic/evidence/journal_file.h"

#include <unistd.h>

#include "auth/core/file.h"

enum { LINE_MAX_N = 16 * MOCK_JOURNAL_ENTRY_MAX, PATIENCE_MS = 1000 };

static void tell(void *ctx, uint64_t dropped, int why, struct auth_buf *out)
{
    (void)ctx;
    (void)why;
    auth_buf_addf(out, "{\"dropped\":%llu}\n", (unsigned long long)dropped);
}

enum auth_rc mock_journal_file_begin(struct mock_journal_file *file, const char *path, struct auth_err *err)
{
    *file = (struct mock_journal_file){.path = path, .fd = -1};
    if (!path)
        return AUTH_OK;
    enum auth_rc rc = auth_file_begin(path, 0644, &file->fd, err);
    if (rc == AUTH_OK && auth_lines_new(file->fd, tell, NULL, &file->lines) != AUTH_OK) {
        (void)close(file->fd);
        rc = auth_err_no_memory(err);
    }
    return rc;
}

/* What a client sent may have line ends between its members: as JSON they are blanks. */
static void join_lines(struct auth_buf *text)
{
    for (size_t i = 0; i < text->n; i++) {
        if (text->p[i] == '\n' || text->p[i] == '\r')
            text->p[i] = ' ';
    }
}

static void write_line(struct mock_journal_file *file, struct auth_buf *line)
{
    join_lines(line);
    auth_buf_add_char(line, '\n');
    if (auth_buf_ok(line))
        auth_lines_write(file->lines, auth_buf_view(line));
    else
        auth_lines_write(file->lines, auth_view_from_string("{\"dropped\":1}\n"));
}

void mock_journal_file_see(void *ctx, const struct mock_journal_entry *entry)
{
    struct mock_journal_file *file = ctx;
    struct auth_json_writer w;
    struct auth_buf line;
    auth_buf_init(&line, LINE_MAX_N);
    auth_json_writer_init(&w, &line, AUTH_JSON_COMPACT);
    mock_journal_entry_write(entry, &w);
    write_line(file, &line);
    auth_buf_clear(&line);
}

void mock_journal_file_add(struct mock_journal_file *file, struct auth_view json)
{
    struct auth_buf line;
    if (!file->lines)
        return;
    auth_buf_init(&line, LINE_MAX_N);
    auth_buf_add_view(&line, json);
    write_line(file, &line);
    auth_buf_clear(&line);
}

void mock_journal_file_lose(struct mock_journal_file *file, uint64_t count)
{
    struct auth_buf line;
    if (!file->lines || !count)
        return;
    auth_buf_init(&line, LINE_MAX_N);
    tell(NULL, count, 0, &line);
    auth_lines_write(file->lines, auth_buf_view(&line));
    auth_buf_clear(&line);
    file->lost += count;
}

enum auth_rc mock_journal_file_end(struct mock_journal_file *file, struct auth_err *err)
{
    if (!file->lines)
        return AUTH_OK; /* zeroed, or never begun */
    uint64_t refused = auth_lines_end(file->lines, PATIENCE_MS), all = refused + file->lost;
    int fd = file->fd;
    file->lines = NULL;
    file->fd = -1;
    bool is_closed = close(fd) == 0; /* some systems find out here that a disk is full */
    if (all)
        return auth_err_set(err, AUTH_E_IO, "--journal %s: %llu entries are not in it, %s", file->path,
                            (unsigned long long)all,
                            refused ? "it did not take them" : "the server had overwritten them");
    return is_closed ? AUTH_OK : auth_err_set(err, AUTH_E_IO, "--journal %s: it may not be whole", file->path);
}
