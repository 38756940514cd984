/* Cases of a run, kept as numbers into one buffer of texts. */
#include "auth/report/results.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX_N = 256 * 1024 * 1024, TEXTS = 8 };

struct span {
    size_t at, n;
};

struct row {
    struct span texts[TEXTS];
    struct span evidence[AUTH_CASE_EVIDENCE_MAX];
    size_t evidence_count, group;
    enum auth_case_result result;
    int64_t took_us;
};

struct auth_results {
    struct auth_results_about about;
    struct auth_buf text;
    struct row *rows;
    size_t count, size;
    size_t *groups; /* row that a group began with */
    size_t group_count, group_size;
};

const char *auth_case_result_text(enum auth_case_result result)
{
    static const char *const texts[AUTH_CASE_RESULTS] = {"pass",    "fail",          "warn", "skip",
                                                         "blocked", "not_exercised", "error"};
    return texts[result];
}

const char *auth_results_outcome_text(enum auth_results_outcome outcome)
{
    static const char *const texts[] = {"conformant", "findings", "incomplete"};
    return texts[outcome];
}

/* The texts of a case, always in this order. */
static void list_texts(struct auth_case *one, struct auth_view *texts[TEXTS])
{
    struct auth_view *const all[TEXTS] = {&one->id,     &one->group, &one->because, &one->expected,
                                          &one->actual, &one->fix,   &one->source,  &one->again};
    memcpy(texts, all, sizeof all);
}

enum auth_rc auth_results_new(const struct auth_results_about *about, struct auth_results **out)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return AUTH_E_NOMEM;
    (*out)->about = *about;
    auth_buf_init(&(*out)->text, TEXT_MAX_N);
    return AUTH_OK;
}

void auth_results_free(struct auth_results *results)
{
    if (!results)
        return;
    auth_buf_clear(&results->text);
    free(results->rows);
    free(results->groups);
    free(results);
}

static struct span keep(struct auth_buf *text, struct auth_view view)
{
    struct span span = {text->n, view.n};
    auth_buf_add_view(text, view);
    return span;
}

static size_t group_of(const struct auth_results *results, struct auth_view name)
{
    size_t i = 0;
    while (i < results->group_count && !auth_view_equals_view(auth_results_group(results, i), name))
        i++;
    return i;
}

enum auth_rc auth_results_add(struct auth_results *results, const struct auth_case *one)
{
    struct auth_case copy = *one;
    struct auth_view *texts[TEXTS];
    struct row row = {.evidence_count = one->evidence_count, .result = one->result, .took_us = one->took_us};
    size_t before = results->text.n;
    struct row *rows = auth_array_fit(results->rows, results->count, &results->size, sizeof *rows);
    results->rows = rows ? rows : results->rows;
    size_t *groups = auth_array_fit(results->groups, results->group_count, &results->group_size, sizeof *groups);
    results->groups = groups ? groups : results->groups;
    if (!rows || !groups)
        return AUTH_E_NOMEM;
    if (copy.group.n == 0)
        copy.group = auth_view_from_string(results->about.tool);
    list_texts(&copy, texts);
    for (size_t i = 0; i < TEXTS; i++)
        row.texts[i] = keep(&results->text, *texts[i]);
    for (size_t i = 0; i < one->evidence_count; i++)
        row.evidence[i] = keep(&results->text, one->evidence[i]);
    if (!auth_buf_ok(&results->text)) {
        results->text.n = before;
        return AUTH_E_NOMEM;
    }
    row.group = group_of(results, copy.group);
    if (row.group == results->group_count)
        results->groups[results->group_count++] = results->count;
    results->rows[results->count++] = row;
    return AUTH_OK;
}

const struct auth_results_about *auth_results_about(const struct auth_results *results)
{
    return &results->about;
}

size_t auth_results_count(const struct auth_results *results)
{
    return results->count;
}

static struct auth_view view_of(const struct auth_results *results, struct span span)
{
    return auth_view_bytes(span.n ? results->text.p + span.at : "", span.n);
}

struct auth_case auth_results_get(const struct auth_results *results, size_t i)
{
    const struct row *row = &results->rows[i];
    struct auth_case one = {.result = row->result, .took_us = row->took_us, .evidence_count = row->evidence_count};
    struct auth_view *texts[TEXTS];
    list_texts(&one, texts);
    for (size_t t = 0; t < TEXTS; t++)
        *texts[t] = view_of(results, row->texts[t]);
    for (size_t e = 0; e < row->evidence_count; e++)
        one.evidence[e] = view_of(results, row->evidence[e]);
    return one;
}

size_t auth_results_count_of(const struct auth_results *results, enum auth_case_result result)
{
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++)
        count += results->rows[i].result == result;
    return count;
}

enum auth_results_outcome auth_results_outcome(const struct auth_results *results)
{
    if (auth_results_count_of(results, AUTH_CASE_FAIL))
        return AUTH_RESULTS_FINDINGS;
    return auth_results_count_of(results, AUTH_CASE_BLOCKED) || auth_results_count_of(results, AUTH_CASE_ERROR)
               ? AUTH_RESULTS_INCOMPLETE
               : AUTH_RESULTS_CONFORMANT;
}

size_t auth_results_groups(const struct auth_results *results)
{
    return results->group_count;
}

struct auth_view auth_results_group(const struct auth_results *results, size_t group)
{
    return view_of(results, results->rows[results->groups[group]].texts[1]);
}

bool auth_results_is_in(const struct auth_results *results, size_t i, size_t group)
{
    return results->rows[i].group == group;
}
