/* JUnit XML: a suite for each group. What JUnit has no word for is said in the message: a warning passes, with its text on
 * system-out; what is blocked or was not exercised is skipped. */
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/report/formats.h"
#include "auth/report/markup.h"

enum { SHOWN_MAX_N = 64 * 1024, US_PER_S = 1000000 };

static void add_attribute(struct auth_buf *out, const char *name, struct auth_view value)
{
    auth_buf_addf(out, " %s=\"", name);
    auth_markup_add(out, value);
    auth_buf_add_char(out, '"');
}

static void add_seconds(struct auth_buf *out, int64_t us)
{
    int64_t known = us > 0 ? us : 0;
    auth_buf_addf(out, " time=\"%lld.%06lld\"", (long long)(known / US_PER_S), (long long)(known % US_PER_S));
}

static void add_line(struct auth_buf *out, const char *label, struct auth_view text)
{
    if (text.n == 0)
        return;
    auth_buf_addf(out, "%s: ", label);
    auth_markup_add(out, text);
    auth_buf_add_char(out, '\n');
}

static void add_details(struct auth_buf *out, const struct auth_case *one)
{
    add_line(out, "because", one->because);
    add_line(out, "expected", one->expected);
    add_line(out, "actual", one->actual);
    add_line(out, "fix", one->fix);
    add_line(out, "source", one->source);
    add_line(out, "again", one->again);
    for (size_t i = 0; i < one->evidence_count; i++)
        add_line(out, "journal entry", one->evidence[i]);
}

static void add_message(struct auth_buf *out, const char *element, const struct auth_case *one)
{
    auth_buf_addf(out, "      <%s type=\"%s\"", element, auth_case_result_text(one->result));
    add_attribute(out, "message", one->because.n ? one->because : one->actual);
    auth_buf_add_string(out, ">\n");
    add_details(out, one);
    auth_buf_addf(out, "      </%s>\n", element);
}

static void add_case(struct auth_buf *out, const struct auth_case *one)
{
    auth_buf_add_string(out, "    <testcase");
    add_attribute(out, "classname", one->group);
    add_attribute(out, "name", one->id);
    add_seconds(out, one->took_us);
    if (one->result == AUTH_CASE_PASS) {
        auth_buf_add_string(out, "/>\n");
        return;
    }
    auth_buf_add_string(out, ">\n");
    if (one->result == AUTH_CASE_FAIL) {
        add_message(out, "failure", one);
    } else if (one->result == AUTH_CASE_ERROR) {
        add_message(out, "error", one);
    } else if (one->result == AUTH_CASE_WARN) {
        auth_buf_add_string(out, "      <system-out>warning\n");
        add_details(out, one);
        auth_buf_add_string(out, "</system-out>\n");
    } else {
        auth_buf_add_string(out, "      <skipped");
        add_attribute(out, "message", one->because);
        auth_buf_add_string(out, "/>\n");
    }
    auth_buf_add_string(out, "    </testcase>\n");
}

struct tally {
    size_t tests, failures, errors, skipped;
    int64_t us;
};

/* Of one group, or of all when group is SIZE_MAX. */
static struct tally count(const struct auth_results *results, size_t group)
{
    struct tally t = {.tests = 0};
    for (size_t i = 0; i < auth_results_count(results); i++) {
        if (group != SIZE_MAX && !auth_results_is_in(results, i, group))
            continue;
        struct auth_case one = auth_results_get(results, i);
        t.tests++;
        t.failures += one.result == AUTH_CASE_FAIL;
        t.errors += one.result == AUTH_CASE_ERROR;
        t.skipped +=
            one.result == AUTH_CASE_SKIP || one.result == AUTH_CASE_BLOCKED || one.result == AUTH_CASE_NOT_EXERCISED;
        t.us += one.took_us > 0 ? one.took_us : 0;
    }
    return t;
}

static void add_tally(struct auth_buf *out, struct tally t)
{
    auth_buf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", t.tests, t.failures, t.errors);
    add_seconds(out, t.us);
}

static void add_suite(struct auth_buf *out, const struct auth_results *results, size_t group)
{
    struct auth_buf time;
    struct tally t = count(results, group);
    auth_buf_init(&time, 64);
    auth_time_write(&time, auth_results_about(results)->date_s);
    auth_buf_add_string(out, "  <testsuite");
    add_attribute(out, "name", auth_results_group(results, group));
    add_tally(out, t);
    auth_buf_addf(out, " skipped=\"%zu\"", t.skipped);
    /* readers of JUnit want no zone behind the time; it is UTC */
    add_attribute(out, "timestamp", auth_view_bytes(time.p ? time.p : "", time.n ? time.n - 1 : 0));
    auth_buf_add_string(out, ">\n");
    for (size_t i = 0; i < auth_results_count(results); i++) {
        struct auth_case one = auth_results_get(results, i);
        if (auth_results_is_in(results, i, group))
            add_case(out, &one);
    }
    auth_buf_add_string(out, "  </testsuite>\n");
    auth_buf_clear(&time);
}

void auth_results_write_junit(const struct auth_results *results, struct auth_buf *out)
{
    auth_buf_add_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    add_attribute(out, "name", auth_view_from_string(auth_results_about(results)->tool));
    add_tally(out, count(results, SIZE_MAX));
    auth_buf_add_string(out, ">\n");
    for (size_t g = 0; g < auth_results_groups(results); g++)
        add_suite(out, results, g);
    auth_buf_add_string(out, "</testsuites>\n");
}
