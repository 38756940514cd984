/* Fixtures as somebody else wrote them: gzip, NDJSON, arrays, Bundles, templates, conditional references.
 *   - what is taken is JSON, has a usable id, and is found by its type and id
 *   - what is taken from a text alone and from the text behind a good line is the same, and the good line is always taken
 *   - every note has a place within the text */
#include <string.h>

#include "auth/core/fuzz/must.h"
#include "mock_epic/data/conditional.h"
#include "mock_epic/data/gunzip.h"
#include "mock_epic/data/load_text.h"
#include "mock_epic/data/resource.h"

enum { UNPACKED_MAX = 1 << 20, COUNT_DIGITS_MAX = 3 };

static const char good[] = "{\"resourceType\":\"Patient\",\"id\":\"the-good-one\"}\n";

struct loaded {
    struct mock_fhir_store store;
    struct mock_fhir_report report;
};

static void load(struct loaded *loaded, struct auth_view text)
{
    size_t replaced = 0;
    memset(loaded, 0, sizeof *loaded);
    MUST(mock_fhir_load_text(&loaded->store, &loaded->report, "f", text, NULL) == AUTH_OK);
    MUST(mock_conditional_resolve(&loaded->store, &loaded->report, NULL) == AUTH_OK);
    MUST(mock_fhir_store_seal(&loaded->store, &replaced, NULL) == AUTH_OK);
    MUST(loaded->store.shown_count + replaced == loaded->store.count);
}

static void clear(struct loaded *loaded)
{
    mock_fhir_store_clear(&loaded->store);
    mock_report_clear(&loaded->report);
}

static void check_resources(const struct mock_fhir_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        const struct mock_resource *resource = &store->items[i];
        struct auth_view type = mock_resource_type(store, resource), id = mock_resource_id(resource);
        MUST(auth_json_check(mock_resource_bytes(resource), NULL) == AUTH_OK);
        MUST(mock_id_is_usable(id) && type.n > 0);
        const struct mock_resource *found = mock_fhir_store_find(store, type, id);
        MUST(found && found >= resource && auth_view_equals_view(mock_resource_id(found), id));
    }
}

/* A hint names its file alone; what was left out, a place in it. */
static void check_notes(const struct mock_fhir_report *report, struct auth_view text)
{
    size_t losses = 0;
    for (size_t i = 0; i < report->note_count; i++) {
        struct auth_view rest = text;
        MUST(report->notes[i].is_loss == (report->notes[i].line > 0));
        if (!report->notes[i].is_loss)
            continue;
        losses++;
        MUST(report->notes[i].column > 0);
        for (size_t line = 1; line < report->notes[i].line; line++)
            (void)auth_view_split(&rest, '\n');
        MUST(report->notes[i].column <= auth_view_find(rest, '\n') + 1);
    }
    MUST(losses <= report->left_out && report->left_out <= losses + report->untold);
}

/* A line before it changes nothing, where the text is not one value over several lines that is wrong. */
static void check_behind_a_line(struct auth_view text, const struct loaded *alone)
{
    struct loaded behind;
    struct auth_buf longer;
    auth_buf_init(&longer, SIZE_MAX / 2);
    auth_buf_add_string(&longer, good);
    auth_buf_add_view(&longer, text);
    load(&behind, auth_buf_view(&longer));
    MUST(mock_fhir_store_find(&behind.store, auth_view_from_string("Patient"), auth_view_from_string("the-good-one")));
    MUST(alone->report.left_out || behind.store.count == alone->store.count + 1);
    check_resources(&behind.store);
    clear(&behind);
    auth_buf_clear(&longer);
}

/* Templates may ask for a million copies; that takes memory, and shows nothing that a few do not show. */
static bool asks_for_much(struct auth_view text)
{
    size_t digits = 0;
    if (!auth_view_contains(text, "repeat"))
        return false;
    for (size_t i = 0; i < text.n && digits <= COUNT_DIGITS_MAX; i++)
        digits = text.p[i] >= '0' && text.p[i] <= '9' ? digits + 1 : 0;
    return digits > COUNT_DIGITS_MAX;
}

static void check_text(struct auth_view text)
{
    struct loaded alone;
    if (asks_for_much(text))
        return;
    load(&alone, text);
    check_resources(&alone.store);
    check_notes(&alone.report, text);
    check_behind_a_line(text, &alone);
    clear(&alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct auth_view bytes = auth_view_bytes(data, size);
    struct auth_buf text;
    if (!mock_is_gzip(bytes)) {
        check_text(bytes);
        return 0;
    }
    auth_buf_init(&text, UNPACKED_MAX);
    if (mock_gunzip(bytes, &text, NULL) == AUTH_OK)
        check_text(auth_buf_view(&text));
    auth_buf_clear(&text);
    return 0;
}
