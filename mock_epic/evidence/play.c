/* Steps follow what the client did: an entry of the journal, never a time. */
#include "mock_epic/evidence/play.h"

#include <stdlib.h>

struct mock_play *mock_play_new(struct mock_scenario *scenario, uint64_t faults_before)
{
    struct mock_play *play = calloc(1, sizeof *play);
    struct mock_play_step *steps = calloc(scenario->step_count + 1, sizeof *steps);
    if (!play || !steps) {
        mock_scenario_release(scenario);
        free(steps);
        free(play);
        return NULL;
    }
    play->scenario = scenario;
    play->steps = steps;
    play->faults_before = faults_before;
    const struct auth_json_node *faults = auth_json_member(scenario->setup, "faults");
    for (const struct auth_json_node *fault = auth_json_first(faults); fault; fault = auth_json_next(fault))
        play->fault_count += play->fault_count < MOCK_PLAY_FAULTS_MAX;
    return play;
}

void mock_play_free(struct mock_play *play)
{
    if (!play)
        return;
    mock_scenario_release(play->scenario);
    free(play->steps);
    free(play);
}

bool mock_play_is_done(const struct mock_play *play, int64_t step)
{
    return step >= 1 && step <= (int64_t)play->scenario->step_count && play->steps[step - 1].fired > 0;
}

/* ---- judging ---- */

static bool is_due_by(const struct mock_scenario_step *step, const struct mock_play_step *state)
{
    if (step->times && state->fired >= (uint64_t)step->times)
        return false;
    uint64_t nth = (uint64_t)step->nth, every = (uint64_t)step->every;
    return state->seen == nth || (every && state->seen > nth && (state->seen - nth) % every == 0);
}

static void note(struct mock_play *play, const struct mock_journal_entry *entry)
{
    play->asked += entry->kind != MOCK_JOURNAL_ADMIN;
    uint64_t fault = entry->fault > play->faults_before ? entry->fault - play->faults_before : 0;
    if (fault && fault <= play->fault_count)
        play->has_acted[fault - 1] = true;
}

unsigned mock_play_see(struct mock_play *play, const struct mock_journal_entry *entry)
{
    if (entry->step)
        return 0;
    note(play, entry);
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        const struct mock_scenario_step *step = &play->scenario->steps[i];
        struct mock_play_step *state = &play->steps[i];
        bool is_waiting = !state->fired || step->every;
        if (is_waiting && mock_entry_match_fits(&step->when, entry)) {
            state->seen++;
            if (is_due_by(step, state)) {
                if (state->fired < MOCK_PLAY_IDS_MAX)
                    state->ids[state->fired] = entry->id;
                state->fired++;
                state->due++;
                return 1;
            }
        }
        if (!state->fired && !step->is_optional)
            return 0;
    }
    return 0;
}

unsigned mock_play_due(const struct mock_play *play)
{
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        if (play->steps[i].due)
            return (unsigned)i + 1;
    }
    return 0;
}

/* ---- the point ---- */

static size_t first_silent_fault(const struct mock_play *play)
{
    size_t i = 0;
    while (i < play->fault_count && play->has_acted[i])
        i++;
    return i;
}

static size_t first_missing_step(const struct mock_play *play)
{
    size_t i = 0;
    while (i < play->scenario->step_count && (play->steps[i].fired || play->scenario->steps[i].is_optional))
        i++;
    return i;
}

bool mock_play_is_at_point(const struct mock_play *play)
{
    return play->asked && first_silent_fault(play) == play->fault_count &&
           first_missing_step(play) == play->scenario->step_count;
}

static void write_missing(const struct mock_play *play, struct auth_json_writer *w)
{
    struct auth_buf text;
    size_t step = first_missing_step(play), fault = first_silent_fault(play);
    auth_buf_init(&text, 4096);
    if (!play->asked) {
        auth_buf_add_string(&text, "the client asked nothing");
    } else if (step < play->scenario->step_count) {
        auth_buf_addf(&text, "step %zu did not come: ", step + 1);
        mock_entry_match_describe(&play->scenario->steps[step].when, &text);
    } else {
        auth_buf_addf(&text, "fault %zu of the setup never acted", fault + 1);
    }
    auth_json_write_member_buf(w, "missing", &text);
    auth_buf_clear(&text);
}

void mock_play_write(const struct mock_play *play, struct auth_json_writer *w)
{
    auth_json_write_member(w, "scenario", play->scenario->name);
    auth_json_write_key(w, "steps");
    auth_json_write_array(w);
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        const struct mock_play_step *state = &play->steps[i];
        auth_json_write_object(w);
        auth_json_write_member_int(w, "done", (int64_t)state->fired);
        auth_json_write_key(w, "entries");
        auth_json_write_array(w);
        for (size_t k = 0; k < state->fired && k < MOCK_PLAY_IDS_MAX; k++)
            auth_json_write_int(w, (int64_t)state->ids[k]);
        auth_json_write_end_array(w);
        auth_json_write_end_object(w);
    }
    auth_json_write_end_array(w);
    if (!mock_play_is_at_point(play))
        write_missing(play, w);
    if (play->problem[0])
        auth_json_write_member_text(w, "problem", play->problem);
}
