/* A response and what it was made of. */
#include "mock_epic/server/kept.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct mock_kept {
    struct MHD_Response *response; /* NULL: none */
    const char *body;
    size_t n, header_count;
    struct {
        const char *name;
        const char *value; /* static; NULL: of this request, in `text` from `at` on */
        size_t at;
        char *copy; /* of a value of this request, where libmicrohttpd has it; NULL: not known */
    } headers[MOCK_RESPONSE_HEADERS_MAX];
    char text[sizeof((struct mock_response *)NULL)->header_text];
};

static bool is_made(const struct mock_response *answer, const char *value)
{
    return (uintptr_t)value - (uintptr_t)answer->header_text < sizeof answer->header_text;
}

static void drop(struct mock_kept *kept)
{
    if (kept->response)
        MHD_destroy_response(kept->response);
    kept->response = NULL;
}

/* Is it the same answer but for the values that were made for it? */
static bool is_alike(const struct mock_kept *kept, const struct mock_response *answer, const char *body, size_t n)
{
    if (!kept->response || kept->body != body || kept->n != n || kept->header_count != answer->header_count)
        return false;
    for (size_t i = 0; i < kept->header_count; i++) {
        const char *value = is_made(answer, answer->headers[i].value) ? NULL : answer->headers[i].value;
        if (kept->headers[i].name != answer->headers[i].name || kept->headers[i].value != value)
            return false;
    }
    return true;
}

/* Where libmicrohttpd keeps the value that was just added; NULL where another header has that name. */
static char *copy_of(const struct mock_kept *kept, size_t i)
{
    union {
        const char *in;
        char *out;
    } copy = {.in = MHD_get_response_header(kept->response, kept->headers[i].name)};
    for (size_t j = 0; j < kept->header_count; j++) {
        if (j != i && strcasecmp(kept->headers[j].name, kept->headers[i].name) == 0)
            return NULL;
    }
    return copy.out;
}

/* Made values come behind the others, in their order, so that a response has the same headers in the same order whether it was
 * kept or is new. Those before `from` are there. */
static bool add_made(struct mock_kept *kept, const struct mock_response *answer, size_t from)
{
    memcpy(kept->text, answer->header_text, answer->header_text_n);
    for (size_t i = 0; i < kept->header_count; i++) {
        if (kept->headers[i].value)
            continue;
        kept->headers[i].at = (size_t)(answer->headers[i].value - answer->header_text);
        if (i >= from &&
            MHD_add_response_header(kept->response, kept->headers[i].name, kept->text + kept->headers[i].at) != MHD_YES)
            return false;
        if (i >= from)
            kept->headers[i].copy = copy_of(kept, i);
    }
    return true;
}

/* A value that is as long as the one before it, as nearly all are, is written over libmicrohttpd's copy of that, which nobody reads
 * between two answers: to take the header away and add it anew is six allocations.
 * rc  the first header that this was not possible for */
static size_t write_over(struct mock_kept *kept, const struct mock_response *answer)
{
    size_t i = 0;
    for (; i < kept->header_count; i++) {
        const char *value = answer->headers[i].value;
        char *old = kept->text + kept->headers[i].at, *copy = kept->headers[i].copy;
        if (kept->headers[i].value || !value || strcmp(old, value) == 0)
            continue;
        size_t n = strlen(value);
        if (!copy || strlen(old) != n)
            break;
        memcpy(copy, value, n);
        memcpy(old, value, n);
    }
    return i;
}

static bool renew(struct mock_kept *kept, const struct mock_response *answer)
{
    size_t from = write_over(kept, answer);
    for (size_t i = from; i < kept->header_count; i++) {
        const char *old = kept->text + kept->headers[i].at;
        if (!kept->headers[i].value && MHD_del_response_header(kept->response, kept->headers[i].name, old) != MHD_YES)
            return false;
    }
    return from == kept->header_count || add_made(kept, answer, from);
}

static bool make(struct mock_kept *kept, const struct mock_response *answer, const char *body, size_t n)
{
    union {
        const char *in;
        void *out;
    } bytes = {.in = body}; /* the API takes void *, and never writes to it */
    kept->response = MHD_create_response_from_buffer(n, bytes.out, MHD_RESPMEM_PERSISTENT);
    kept->body = body;
    kept->n = n;
    kept->header_count = answer->header_count;
    for (size_t i = 0; kept->response && i < kept->header_count; i++) {
        const char *name = answer->headers[i].name, *value = answer->headers[i].value;
        kept->headers[i].name = name;
        kept->headers[i].value = is_made(answer, value) ? NULL : value;
        if (kept->headers[i].value && MHD_add_response_header(kept->response, name, value) != MHD_YES)
            return false;
    }
    return kept->response && add_made(kept, answer, 0);
}

struct MHD_Response *mock_kept_response(struct mock_kept **kept, const struct mock_response *answer, const char *body,
                                        size_t n)
{
    if (!*kept)
        *kept = calloc(1, sizeof **kept);
    if (!*kept)
        return NULL;
    if (is_alike(*kept, answer, body, n) && renew(*kept, answer))
        return (*kept)->response;
    drop(*kept);
    if (!make(*kept, answer, body, n))
        drop(*kept);
    return (*kept)->response;
}

void mock_kept_free(struct mock_kept *kept)
{
    if (kept)
        drop(kept);
    free(kept);
}
