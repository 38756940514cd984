/* All that is known, as JSON: one object of our own, and CTRF, which other people's tools read. */
#include "auth/core/json.h"
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/report/formats.h"

enum { US_PER_MS = 1000, MS_PER_S = 1000 };

/* ---- our own ---- */

static void write_texts(struct auth_json_writer *w, const struct auth_case *one)
{
    const struct {
        const char *name;
        struct auth_view value;
    } texts[] = {{"because", one->because},
                 {"expected", one->expected},
                 {"actual", one->actual},
                 {"fix", one->fix},
                 {"source", one->source}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].value.n)
            auth_json_write_member(w, texts[i].name, texts[i].value);
        else
            auth_json_write_member_text(w, texts[i].name, NULL);
    }
}

static void write_case(struct auth_json_writer *w, const struct auth_case *one)
{
    auth_json_write_object(w);
    auth_json_write_member(w, "id", one->id);
    auth_json_write_member(w, "group", one->group);
    auth_json_write_member_text(w, "result", auth_case_result_text(one->result));
    write_texts(w, one);
    auth_json_write_key(w, "evidence");
    auth_json_write_array(w);
    for (size_t i = 0; i < one->evidence_count; i++)
        auth_json_write_string(w, one->evidence[i]);
    auth_json_write_end_array(w);
    auth_json_write_key(w, "ms");
    if (one->took_us < 0)
        auth_json_write_null(w);
    else
        auth_json_write_double(w, (double)one->took_us / US_PER_MS);
    if (one->again.n)
        auth_json_write_member(w, "again", one->again);
    else
        auth_json_write_member_text(w, "again", NULL);
    auth_json_write_end_object(w);
}

static void write_groups(struct auth_json_writer *w, const struct auth_results *results)
{
    auth_json_write_key(w, "groups");
    auth_json_write_object(w);
    for (size_t g = 0; g < auth_results_groups(results); g++) {
        struct auth_buf name;
        size_t pass = 0, total = 0;
        for (size_t i = 0; i < auth_results_count(results); i++) {
            bool is_in = auth_results_is_in(results, i, g);
            total += is_in;
            pass += is_in && auth_results_get(results, i).result == AUTH_CASE_PASS;
        }
        auth_buf_init(&name, 4096);
        auth_text_escape(&name, auth_results_group(results, g), 1000);
        auth_json_write_key(w, name.p ? name.p : "");
        auth_buf_clear(&name);
        auth_json_write_object(w);
        auth_json_write_member_int(w, "pass", (int64_t)pass);
        auth_json_write_member_int(w, "total", (int64_t)total);
        auth_json_write_end_object(w);
    }
    auth_json_write_end_object(w);
}

static void write_about(struct auth_json_writer *w, const struct auth_results *results)
{
    const struct auth_results_about *about = auth_results_about(results);
    struct auth_buf date;
    auth_buf_init(&date, 64);
    auth_time_write(&date, about->date_s);
    auth_json_write_member_text(w, "tool", about->tool);
    auth_json_write_member_text(w, "version", about->version);
    auth_json_write_member_text(w, "command", about->command);
    auth_json_write_member_text(w, "profile", about->profile);
    auth_json_write_member_text(w, "epic_version", about->epic_version);
    auth_json_write_member_text(w, "seed", about->seed);
    auth_json_write_member_buf(w, "date", &date);
    auth_json_write_member_text(w, "target", about->target);
    auth_buf_clear(&date);
}

void auth_results_write_json(const struct auth_results *results, struct auth_buf *out)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    auth_json_write_object(&w);
    write_about(&w, results);
    auth_json_write_member_text(&w, "result", auth_results_outcome_text(auth_results_outcome(results)));
    auth_json_write_key(&w, "counts");
    auth_json_write_object(&w);
    for (int i = 0; i < AUTH_CASE_RESULTS; i++)
        auth_json_write_member_int(&w, auth_case_result_text((enum auth_case_result)i),
                                   (int64_t)auth_results_count_of(results, (enum auth_case_result)i));
    auth_json_write_end_object(&w);
    write_groups(&w, results);
    auth_json_write_key(&w, "cases");
    auth_json_write_array(&w);
    for (size_t i = 0; i < auth_results_count(results); i++) {
        struct auth_case one = auth_results_get(results, i);
        write_case(&w, &one);
    }
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    auth_buf_add_char(out, '\n');
}

/* ---- CTRF ---- */

enum ctrf_status { PASSED, FAILED, PENDING, SKIPPED, OTHER, STATUSES };

static const char *const ctrf_names[STATUSES] = {"passed", "failed", "pending", "skipped", "other"};

static enum ctrf_status ctrf_status(enum auth_case_result result)
{
    static const enum ctrf_status statuses[AUTH_CASE_RESULTS] = {
        [AUTH_CASE_PASS] = PASSED,  [AUTH_CASE_FAIL] = FAILED,   [AUTH_CASE_WARN] = PASSED,
        [AUTH_CASE_SKIP] = SKIPPED, [AUTH_CASE_BLOCKED] = OTHER, [AUTH_CASE_NOT_EXERCISED] = SKIPPED,
        [AUTH_CASE_ERROR] = OTHER,
    };
    return statuses[result];
}

static void write_ctrf_case(struct auth_json_writer *w, const struct auth_case *one)
{
    auth_json_write_object(w);
    auth_json_write_member(w, "name", one->id);
    auth_json_write_member_text(w, "status", ctrf_names[ctrf_status(one->result)]);
    auth_json_write_member_int(w, "duration", one->took_us > 0 ? one->took_us / US_PER_MS : 0);
    auth_json_write_member(w, "suite", one->group);
    auth_json_write_member_text(w, "rawStatus", auth_case_result_text(one->result));
    if (one->because.n || one->actual.n)
        auth_json_write_member(w, "message", one->because.n ? one->because : one->actual);
    auth_json_write_end_object(w);
}

static void write_ctrf_summary(struct auth_json_writer *w, const struct auth_results *results)
{
    size_t counts[STATUSES] = {0};
    int64_t us = 0;
    for (size_t i = 0; i < auth_results_count(results); i++) {
        struct auth_case one = auth_results_get(results, i);
        counts[ctrf_status(one.result)]++;
        us += one.took_us > 0 ? one.took_us : 0;
    }
    int64_t start_ms = auth_results_about(results)->date_s * MS_PER_S;
    auth_json_write_key(w, "summary");
    auth_json_write_object(w);
    auth_json_write_member_int(w, "tests", (int64_t)auth_results_count(results));
    for (int i = 0; i < STATUSES; i++)
        auth_json_write_member_int(w, ctrf_names[i], (int64_t)counts[i]);
    auth_json_write_member_int(w, "start", start_ms);
    auth_json_write_member_int(w, "stop", start_ms + us / US_PER_MS);
    auth_json_write_end_object(w);
}

void auth_results_write_ctrf(const struct auth_results *results, struct auth_buf *out)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    auth_json_write_object(&w);
    auth_json_write_key(&w, "results");
    auth_json_write_object(&w);
    auth_json_write_key(&w, "tool");
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "name", auth_results_about(results)->tool);
    auth_json_write_member_text(&w, "version", auth_results_about(results)->version);
    auth_json_write_end_object(&w);
    write_ctrf_summary(&w, results);
    auth_json_write_key(&w, "tests");
    auth_json_write_array(&w);
    for (size_t i = 0; i < auth_results_count(results); i++) {
        struct auth_case one = auth_results_get(results, i);
        write_ctrf_case(&w, &one);
    }
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    auth_json_write_end_object(&w);
    auth_buf_add_char(out, '\n');
}
