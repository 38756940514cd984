/* Events: the newest of them, small. */
#include "mock_epic/evidence/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"

enum { REASON_MAX = 600, TEXT_MAX = 4096 };

void mock_timeline_init(struct mock_timeline *timeline)
{
    *timeline = (struct mock_timeline){.count = 0};
    pthread_mutex_init(&timeline->lock, NULL);
}

void mock_timeline_clear(struct mock_timeline *timeline)
{
    for (size_t i = 0; i < timeline->size; i++)
        free(timeline->ring[i]);
    free(timeline->ring);
    pthread_mutex_destroy(&timeline->lock);
    *timeline = (struct mock_timeline){.count = 0};
}

/* A copy behind the event, in which nothing but printable text is left. */
static struct auth_view keep(char **to, struct auth_view text)
{
    struct auth_view kept = {*to, text.n};
    for (size_t i = 0; i < text.n;) {
        bool is_ascii = (unsigned char)text.p[i] < 0x80;
        size_t n =
            is_ascii ? auth_text_printable(auth_view_from(text, i)) : auth_text_sequence(auth_view_from(text, i));
        if (n)
            memcpy(*to + i, text.p + i, n);
        else
            (*to)[i] = text.p[i] == '\n' || text.p[i] == '\t' ? ' ' : '?';
        i += n ? n : 1;
    }
    *to += text.n;
    return kept;
}

static struct mock_timeline_event *event_new(const struct mock_journal_entry *entry)
{
    static const enum mock_journal_text kept[] = {MOCK_JOURNAL_METHOD, MOCK_JOURNAL_TARGET, MOCK_JOURNAL_CLIENT,
                                                  MOCK_JOURNAL_ERROR, MOCK_JOURNAL_NOTE};
    struct auth_buf reason;
    size_t n = 0;
    auth_buf_init(&reason, TEXT_MAX);
    mock_journal_entry_reason(entry, &reason);
    struct auth_view why = auth_buf_view(&reason);
    (void)auth_text_cut(&why, REASON_MAX);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        n += mock_journal_entry_text(entry, kept[i]).n;
    struct mock_timeline_event *event = malloc(sizeof *event + n + why.n + 1);
    if (event) {
        char *to = event->text;
        *event = (struct mock_timeline_event){
            .id = entry->id,
            .token = entry->token,
            .fault = entry->fault,
            .time_us = entry->time_us,
            .real_us = entry->real_us,
            .lifetime_s = entry->lifetime_s,
            .told_s = entry->told_s,
            .by_s = entry->by_s,
            .status = entry->status,
            .kind = (enum mock_journal_kind)entry->kind,
            .change = (enum mock_journal_change)entry->change,
            .step = entry->step,
            .is_issued = entry->is_issued,
        };
        event->method = keep(&to, mock_journal_entry_text(entry, MOCK_JOURNAL_METHOD));
        event->target = keep(&to, mock_journal_entry_text(entry, MOCK_JOURNAL_TARGET));
        event->client_id = keep(&to, mock_journal_entry_text(entry, MOCK_JOURNAL_CLIENT));
        event->error = keep(&to, mock_journal_entry_text(entry, MOCK_JOURNAL_ERROR));
        event->note = keep(&to, mock_journal_entry_text(entry, MOCK_JOURNAL_NOTE));
        event->reason = keep(&to, why);
    }
    auth_buf_clear(&reason);
    return event;
}

/* The lock is held. */
static bool has_slot(struct mock_timeline *timeline)
{
    if (timeline->count < timeline->size || timeline->size == MOCK_TIMELINE_MAX)
        return true;
    size_t size = timeline->size ? timeline->size * 2 : 64;
    size = size < MOCK_TIMELINE_MAX ? size : MOCK_TIMELINE_MAX;
    /* it went around only at its largest, so what is there stands from 0 on */
    struct mock_timeline_event **ring = realloc(timeline->ring, size * sizeof(struct mock_timeline_event *));
    if (!ring)
        return false;
    memset(ring + timeline->size, 0, (size - timeline->size) * sizeof(struct mock_timeline_event *));
    timeline->ring = ring;
    timeline->size = size;
    return true;
}

void mock_timeline_see(void *ctx, const struct mock_journal_entry *entry)
{
    struct mock_timeline *timeline = ctx;
    struct mock_timeline_event *event = event_new(entry), *gone = NULL;
    pthread_mutex_lock(&timeline->lock);
    if (!event || !has_slot(timeline)) {
        timeline->left_out++;
        gone = event;
    } else {
        bool is_full = timeline->count == timeline->size;
        struct mock_timeline_event **slot = &timeline->ring[(timeline->first + timeline->count) % timeline->size];
        gone = *slot;
        *slot = event;
        timeline->first = is_full ? (timeline->first + 1) % timeline->size : timeline->first;
        timeline->count += !is_full;
        timeline->left_out += is_full;
    }
    pthread_mutex_unlock(&timeline->lock);
    free(gone);
}
