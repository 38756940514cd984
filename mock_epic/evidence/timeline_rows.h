/* Inside the evidence only: events as rows, one below the other in the order in which they happened, and between them the ends of
 * tokens, by the server's clock: when a token really died, and when its client must have thought so. */
#ifndef MOCK_EPIC_EVIDENCE_TIMELINE_ROWS_H
#define MOCK_EPIC_EVIDENCE_TIMELINE_ROWS_H

#include "mock_epic/evidence/timeline.h"

enum mock_timeline_row_kind { MOCK_ROW_EVENT, MOCK_ROW_EXPIRES, MOCK_ROW_TOLD_END };

enum { MOCK_TIMELINE_COLUMNS = 8, MOCK_NO_ROW = -1 };

/* A token that was issued within the picture, from then on or from when a snapshot brought it back to life. Rows count from 0; MOCK_NO_ROW: not within it. */
struct mock_timeline_token {
    uint64_t number;
    struct auth_view client_id;
    int64_t dies_us, told_us; /* server time; how it stands at the end of the picture */
    int first, end, told_end; /* rows: issued; dead; what its client was told is over */
    bool is_revoked;
    int column; /* of the text, from 0; -1: there was none left */
};

enum { MOCK_TIMELINE_SAVES_MAX = 16 };

/* The tokens that lived when a snapshot was taken. */
struct mock_timeline_save {
    struct auth_view name;
    struct mock_timeline_token *tokens;
    size_t count;
};

struct mock_timeline_row {
    enum mock_timeline_row_kind kind;
    const struct mock_timeline_event *event; /* MOCK_ROW_EVENT; borrowed */
    size_t token;                            /* else: which of the tokens */
    int64_t time_us;
};

struct mock_timeline_rows {
    struct mock_timeline_row *rows;
    size_t count, size;
    struct mock_timeline_token *tokens; /* in the order in which they were issued */
    size_t token_count, token_size;
    /* while they are made */
    struct mock_timeline_save *saves; /* the newest of each name, in the order in which they were taken */
    size_t save_count;
    size_t oldest;  /* tokens before it are over in every way */
    int64_t now_us; /* server time of the last event */
};

/* The lock of the timeline is held until the rows are cleared. rc AUTH_E_NOMEM: nothing to clear */
AUTH_MUST_CHECK enum auth_rc mock_timeline_rows_make(const struct mock_timeline *timeline,
                                                     struct mock_timeline_rows *out);
void mock_timeline_rows_clear(struct mock_timeline_rows *rows);

/* What a token is after a row: '.' nothing, '|' alive, ':' dead although its client was told otherwise, '!' alive although its client
 * was told that it is over. */
char mock_timeline_token_state(const struct mock_timeline_token *token, int row);
/* What an event was, on one line: "200 t1 GET Patient/a". */
void mock_timeline_describe(const struct mock_timeline_event *event, struct auth_buf *out);
/* The line below that, if there is anything to add. */
struct auth_view mock_timeline_reason(const struct mock_timeline_event *event);
/* Was it refused, or not answered as asked for? */
bool mock_timeline_is_bad(const struct mock_timeline_event *event);
/* "14:13:20.123" of server time. */
void mock_timeline_clock_text(int64_t time_us, struct auth_buf *out);

#endif
