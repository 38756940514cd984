/* The list, and its verdict. */
#include "mock_epic/evidence/expectations.h"

#include <stdlib.h>

#include "mock_epic/evidence/expectation.h"

void mock_expectations_init(struct mock_expectations *expectations)
{
    *expectations = (struct mock_expectations){.items = NULL};
    pthread_mutex_init(&expectations->lock, NULL);
    atomic_init(&expectations->count, 0);
}

static void free_items(struct mock_expectation *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mock_expectation_clear(&items[i]);
    free(items);
}

void mock_expectations_clear(struct mock_expectations *expectations)
{
    mock_expectations_empty(expectations);
    pthread_mutex_destroy(&expectations->lock);
}

/* Put one list in the place of another, and free that. */
static void exchange(struct mock_expectations *expectations, char *text, struct auth_json *json,
                     struct mock_expectation *items, size_t count)
{
    pthread_mutex_lock(&expectations->lock);
    struct mock_expectation *old_items = expectations->items;
    size_t old_count = atomic_load(&expectations->count);
    struct auth_json *old_json = expectations->json;
    char *old_text = expectations->text;
    expectations->items = items;
    expectations->json = json;
    expectations->text = text;
    atomic_store(&expectations->count, count);
    pthread_mutex_unlock(&expectations->lock);
    free_items(old_items, old_count);
    auth_json_free(old_json);
    free(old_text);
}

void mock_expectations_empty(struct mock_expectations *expectations)
{
    exchange(expectations, NULL, NULL, NULL, 0);
}

static enum auth_rc read_items(const struct auth_json_node *array, struct mock_expectation *items, size_t *count,
                               struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    struct auth_err inner = {0};
    for (const struct auth_json_node *node = auth_json_first(array); node && rc == AUTH_OK;
         node = auth_json_next(node)) {
        if (*count == MOCK_EXPECTATIONS_MAX)
            return auth_err_set(err, AUTH_E_TOO_BIG, "at most %d expectations", MOCK_EXPECTATIONS_MAX);
        rc = mock_expectation_read(node, &items[*count], &inner);
        ++*count;
    }
    return rc == AUTH_OK ? rc : auth_err_set(err, AUTH_E_ARG, "expectation %zu: %s", *count, inner.detail);
}

enum auth_rc mock_expectations_set(struct mock_expectations *expectations, struct auth_view json, struct auth_err *err)
{
    char *text = auth_view_dup(auth_view_trim(json));
    struct mock_expectation *items = calloc(MOCK_EXPECTATIONS_MAX, sizeof *items);
    struct auth_json *doc = NULL;
    size_t count = 0;
    enum auth_rc rc = text && items ? AUTH_OK : auth_err_set(err, AUTH_E_SYNTAX, "no JSON text");
    if (rc == AUTH_OK)
        rc = auth_json_parse(auth_view_from_string(text), &doc, err);
    if (rc == AUTH_OK && auth_json_type(auth_json_root(doc)) != AUTH_JSON_ARRAY)
        rc = auth_err_set(err, AUTH_E_ARG, "an array of expectations is needed");
    if (rc == AUTH_OK)
        rc = read_items(auth_json_root(doc), items, &count, err);
    if (rc == AUTH_OK) {
        exchange(expectations, text, doc, items, count);
        return rc;
    }
    free_items(items, count);
    auth_json_free(doc);
    free(text);
    return rc;
}

void mock_expectations_watch(void *ctx, const struct mock_journal_entry *entry)
{
    struct mock_expectations *expectations = ctx;
    if (atomic_load_explicit(&expectations->count, memory_order_relaxed) == 0)
        return;
    pthread_mutex_lock(&expectations->lock);
    size_t count = atomic_load(&expectations->count);
    for (size_t i = 0; i < count; i++)
        mock_expectation_see(&expectations->items[i], entry);
    pthread_mutex_unlock(&expectations->lock);
}

/* ---- showing ---- */

void mock_expectations_write(struct mock_expectations *expectations, struct auth_json_writer *w)
{
    pthread_mutex_lock(&expectations->lock);
    auth_json_write_raw(w, auth_view_from_string(expectations->text ? expectations->text : "[]"));
    pthread_mutex_unlock(&expectations->lock);
}

static const char *const result_texts[] = {"pass", "fail", "not_exercised"};

static void write_result(const struct mock_expectation *expectation, struct auth_json_writer *w)
{
    auth_json_write_object(w);
    auth_json_write_member(w, "because", expectation->because);
    auth_json_write_member_text(w, "result", result_texts[mock_expectation_result(expectation)]);
    auth_json_write_key(w, "entries");
    auth_json_write_array(w);
    for (size_t i = 0; i < expectation->id_count; i++)
        auth_json_write_int(w, (int64_t)expectation->ids[i]);
    auth_json_write_end_array(w);
    auth_json_write_member(w, "right", expectation->right);
    auth_json_write_end_object(w);
}

/* A failure decides; else what was not exercised does; without expectations nothing was. */
static enum mock_expectation_result verdict_of(const struct mock_expectation *items, size_t count)
{
    enum mock_expectation_result verdict = count ? MOCK_EXPECT_PASS : MOCK_EXPECT_NOT_EXERCISED;
    for (size_t i = 0; i < count; i++) {
        enum mock_expectation_result result = mock_expectation_result(&items[i]);
        if (result == MOCK_EXPECT_FAIL)
            return result;
        verdict = result == MOCK_EXPECT_NOT_EXERCISED ? result : verdict;
    }
    return verdict;
}

void mock_expectations_write_verdict(struct mock_expectations *expectations, struct auth_json_writer *w)
{
    pthread_mutex_lock(&expectations->lock);
    size_t count = atomic_load(&expectations->count);
    auth_json_write_object(w);
    auth_json_write_member_text(w, "verdict", result_texts[verdict_of(expectations->items, count)]);
    auth_json_write_key(w, "results");
    auth_json_write_array(w);
    for (size_t i = 0; i < count; i++)
        write_result(&expectations->items[i], w);
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    pthread_mutex_unlock(&expectations->lock);
}
