/* The lists, the scenario, and their verdict. */
#include "mock_epic/evidence/expectations.h"

#include <stdio.h>
#include <stdlib.h>

#include "mock_epic/evidence/expectation.h"
#include "mock_epic/evidence/play.h"
#include "mock_epic/state/members.h"

void mock_expectations_init(struct mock_expectations *expectations)
{
    *expectations = (struct mock_expectations){.play = NULL};
    pthread_mutex_init(&expectations->lock, NULL);
    atomic_init(&expectations->has_any, false);
    atomic_init(&expectations->due, 0);
}

/* ---- lists ---- */

static void clear_list(struct mock_expectation_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        mock_expectation_clear(&list->items[i]);
    free(list->items);
    auth_json_free(list->json);
    free(list->text);
    *list = (struct mock_expectation_list){.items = NULL};
}

static enum auth_rc read_items(const struct auth_json_node *array, struct mock_expectation_list *list,
                               struct auth_err *err)
{
    list->items = calloc(MOCK_EXPECTATIONS_MAX, sizeof *list->items);
    if (!list->items)
        return auth_err_no_memory(err);
    for (const struct auth_json_node *node = auth_json_first(array); node; node = auth_json_next(node)) {
        struct auth_err inner = {0};
        if (list->count == MOCK_EXPECTATIONS_MAX)
            return auth_err_set(err, AUTH_E_TOO_BIG, "at most %d expectations", MOCK_EXPECTATIONS_MAX);
        enum auth_rc rc = mock_expectation_read(node, &list->items[list->count++], &inner);
        if (rc != AUTH_OK)
            return auth_err_set(err, AUTH_E_ARG, "expectation %zu: %s", list->count, inner.detail);
    }
    return AUTH_OK;
}

static enum auth_rc read_text(struct auth_view json, struct mock_expectation_list *list, struct auth_err *err)
{
    list->text = auth_view_dup(auth_view_trim(json));
    if (!list->text)
        return auth_err_set(err, AUTH_E_SYNTAX, "no JSON text");
    enum auth_rc rc = auth_json_parse(auth_view_from_string(list->text), &list->json, err);
    if (rc == AUTH_OK && auth_json_type(auth_json_root(list->json)) != AUTH_JSON_ARRAY)
        rc = auth_err_set(err, AUTH_E_ARG, "an array of expectations is needed");
    return rc == AUTH_OK ? read_items(auth_json_root(list->json), list, err) : rc;
}

/* Put one list in the place of another, and free that. */
static void exchange(struct mock_expectations *expectations, struct mock_expectation_list *place,
                     struct mock_expectation_list list)
{
    pthread_mutex_lock(&expectations->lock);
    struct mock_expectation_list old = *place;
    *place = list;
    atomic_store(&expectations->has_any,
                 expectations->asked.count > 0 || expectations->scenario.count > 0 || expectations->play);
    pthread_mutex_unlock(&expectations->lock);
    clear_list(&old);
}

enum auth_rc mock_expectations_set(struct mock_expectations *expectations, struct auth_view json, struct auth_err *err)
{
    struct mock_expectation_list list = {.items = NULL};
    enum auth_rc rc = read_text(json, &list, err);
    if (rc == AUTH_OK)
        exchange(expectations, &expectations->asked, list);
    else
        clear_list(&list);
    return rc;
}

/* ---- the scenario ---- */

static void stop_play(struct mock_expectations *expectations, struct mock_play *next)
{
    pthread_mutex_lock(&expectations->lock);
    struct mock_play *old = expectations->play;
    expectations->play = next;
    atomic_store(&expectations->due, 0);
    pthread_mutex_unlock(&expectations->lock);
    mock_play_free(old);
}

enum auth_rc mock_expectations_play(struct mock_expectations *expectations, struct mock_scenario *scenario,
                                    uint64_t faults_before, struct auth_err *err)
{
    struct mock_expectation_list list = {.items = NULL};
    enum auth_rc rc = read_items(scenario->expect, &list, err);
    struct mock_play *play = NULL;
    if (rc != AUTH_OK)
        mock_scenario_release(scenario);
    else if (!(play = mock_play_new(scenario, faults_before)))
        rc = auth_err_no_memory(err);
    if (rc != AUTH_OK) {
        clear_list(&list);
        return rc;
    }
    /* the old list goes before the old scenario does, which its views are of */
    exchange(expectations, &expectations->scenario, (struct mock_expectation_list){.items = NULL});
    stop_play(expectations, play);
    exchange(expectations, &expectations->scenario, list);
    return AUTH_OK;
}

struct mock_scenario *mock_expectations_scenario(struct mock_expectations *expectations)
{
    pthread_mutex_lock(&expectations->lock);
    struct mock_scenario *scenario = expectations->play ? mock_scenario_hold(expectations->play->scenario) : NULL;
    pthread_mutex_unlock(&expectations->lock);
    return scenario;
}

void mock_expectations_empty(struct mock_expectations *expectations)
{
    exchange(expectations, &expectations->asked, (struct mock_expectation_list){.items = NULL});
}

void mock_expectations_clear(struct mock_expectations *expectations)
{
    clear_list(&expectations->asked);
    clear_list(&expectations->scenario);
    mock_play_free(expectations->play);
    pthread_mutex_destroy(&expectations->lock);
}

unsigned mock_expectations_due_step(struct mock_expectations *expectations, struct mock_scenario **scenario)
{
    pthread_mutex_lock(&expectations->lock);
    unsigned step = expectations->play ? mock_play_due(expectations->play) : 0;
    *scenario = step ? mock_scenario_hold(expectations->play->scenario) : NULL;
    pthread_mutex_unlock(&expectations->lock);
    return step;
}

void mock_expectations_done(struct mock_expectations *expectations, unsigned step, const char *problem)
{
    pthread_mutex_lock(&expectations->lock);
    struct mock_play *play = expectations->play; /* perhaps begun anew meanwhile */
    if (play && mock_play_is_done(play, step) && play->steps[step - 1].due) {
        play->steps[step - 1].due--;
        atomic_fetch_sub(&expectations->due, 1);
        if (problem && !play->problem[0])
            (void)snprintf(play->problem, sizeof play->problem, "step %u: %s", step, problem);
    }
    pthread_mutex_unlock(&expectations->lock);
}

/* ---- judging ---- */

static void see(struct mock_expectations *expectations, struct mock_expectation_list *list,
                const struct mock_journal_entry *entry)
{
    const struct mock_play *play = expectations->play;
    for (size_t i = 0; i < list->count; i++) {
        struct mock_expectation *expectation = &list->items[i];
        if (!expectation->after_step || (play && mock_play_is_done(play, expectation->after_step)))
            mock_expectation_see(expectation, entry);
    }
}

void mock_expectations_watch(void *ctx, const struct mock_journal_entry *entry)
{
    struct mock_expectations *expectations = ctx;
    if (!atomic_load_explicit(&expectations->has_any, memory_order_relaxed))
        return;
    pthread_mutex_lock(&expectations->lock);
    see(expectations, &expectations->asked, entry);
    see(expectations, &expectations->scenario, entry);
    if (expectations->play) /* behind the expectations: the entry that starts a step does not come after it */
        atomic_fetch_add(&expectations->due, mock_play_see(expectations->play, entry));
    pthread_mutex_unlock(&expectations->lock);
}

/* ---- showing ---- */

void mock_expectations_write(struct mock_expectations *expectations, struct auth_json_writer *w)
{
    pthread_mutex_lock(&expectations->lock);
    auth_json_write_raw(w, auth_view_from_string(expectations->asked.text ? expectations->asked.text : "[]"));
    pthread_mutex_unlock(&expectations->lock);
}

static const char *const result_texts[] = {"pass", "fail", "not_exercised"};

static void write_result(const struct mock_expectation *expectation, bool is_at_point, struct auth_json_writer *w)
{
    struct auth_buf expected;
    auth_buf_init(&expected, 4096);
    mock_expectation_describe(expectation, &expected);
    auth_json_write_object(w);
    auth_json_write_member(w, "because", expectation->because);
    auth_json_write_member_text(w, "result", result_texts[mock_expectation_result(expectation, is_at_point)]);
    auth_json_write_key(w, "entries");
    auth_json_write_array(w);
    for (size_t i = 0; i < expectation->id_count; i++)
        auth_json_write_int(w, (int64_t)expectation->ids[i]);
    auth_json_write_end_array(w);
    auth_json_write_member(w, "right", expectation->right);
    auth_json_write_member_buf(w, "expected", &expected);
    auth_json_write_key(w, "lines");
    auth_json_write_array(w);
    for (size_t i = 0; i < expectation->id_count; i++)
        auth_json_write_string(w, auth_view_from_string(expectation->lines[i]));
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    auth_buf_clear(&expected);
}

/* The results of both lists so far: which of the three came. */
static void note_results(const struct mock_expectation_list *list, bool is_at_point, bool came[3])
{
    for (size_t i = 0; i < list->count; i++)
        came[mock_expectation_result(&list->items[i], is_at_point)] = true;
}

/* A failure decides; else what was not exercised does; without expectations nothing was. */
static enum mock_expectation_result verdict_of(const struct mock_expectations *expectations, bool is_at_point)
{
    bool came[3] = {false, false, false};
    note_results(&expectations->asked, is_at_point, came);
    note_results(&expectations->scenario, is_at_point, came);
    if (came[MOCK_EXPECT_FAIL] || (expectations->play && expectations->play->problem[0]))
        return MOCK_EXPECT_FAIL;
    return came[MOCK_EXPECT_NOT_EXERCISED] || !is_at_point || !came[MOCK_EXPECT_PASS] ? MOCK_EXPECT_NOT_EXERCISED
                                                                                      : MOCK_EXPECT_PASS;
}

void mock_expectations_write_verdict(struct mock_expectations *expectations, struct auth_json_writer *w)
{
    const struct mock_expectation_list *lists[] = {&expectations->scenario, &expectations->asked};
    pthread_mutex_lock(&expectations->lock);
    bool is_at_point = !expectations->play || mock_play_is_at_point(expectations->play);
    auth_json_write_object(w);
    auth_json_write_member_text(w, "verdict", result_texts[verdict_of(expectations, is_at_point)]);
    if (expectations->play)
        mock_play_write(expectations->play, w);
    auth_json_write_key(w, "results");
    auth_json_write_array(w);
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        for (size_t i = 0; i < lists[k]->count; i++)
            write_result(&lists[k]->items[i], is_at_point, w);
    }
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    pthread_mutex_unlock(&expectations->lock);
}
