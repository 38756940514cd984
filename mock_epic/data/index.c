/* A table says which parameters; their values are read as searches read them, so that nothing that fits is missed. */
#include "mock_epic/data/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock_epic/data/raw.h"
#include "mock_epic/data/text_hash.h"
#include "mock_epic/data/walk.h"

const struct mock_fhir_param mock_index_target = {"target", "target", MOCK_PARAM_REFERENCE, true, 0};

/* type NULL: of every type that has them. What lies within a parameter's paths is found by it, too: family by name. */
static const struct {
    const char *type, *params;
} rows[] = {
    {NULL, "identifier encounter"},
    {"Location", "type name address organization partof"},
    {"Patient", "name telecom"},
    {"Practitioner", "name"},
    {"PractitionerRole", "practitioner organization location specialty"},
};

enum { LONG_PREFIX = 8, SHORT_PREFIX = 3, CODE_MAX = 255 };

/* What is noted of a type. */
enum { FIELDS_MAX = 8, PATHS_MAX = 2 };
struct field {
    const struct mock_fhir_param *param;
    uint64_t seed;
    struct {
        struct auth_view first, rest; /* steps */
    } paths[PATHS_MAX];
    size_t path_count;
};
struct mock_indexed {
    struct field fields[FIELDS_MAX];
    size_t count;
    bool is_listed, is_person;
};

/* ---- which ---- */

static uint64_t seed_of(size_t type, const char *name)
{
    uint64_t start = MOCK_TEXT_HASH_START ^ (uint64_t)type * 0x9e3779b97f4a7c15U;
    return mock_text_hash(start, auth_view_from_string(name));
}

static void add_field(struct mock_indexed *indexed, size_t type, const struct mock_fhir_param *param)
{
    struct field *field = &indexed->fields[indexed->count];
    struct auth_view paths = auth_view_from_string(param ? param->paths : "");
    struct mock_path path;
    if (!paths.n || indexed->count == FIELDS_MAX)
        return;
    *field = (struct field){.param = param, .seed = seed_of(type, param->name)};
    while (field->path_count < PATHS_MAX && mock_path_next(&paths, &path)) {
        field->paths[field->path_count].first = auth_view_split(&path.steps, '.');
        field->paths[field->path_count++].rest = path.steps;
    }
    indexed->count += !paths.n; /* one of more paths is not indexed */
}

static void list_fields(size_t type, struct mock_indexed *indexed)
{
    const struct mock_fhir_type *known = &mock_fhir_types[type];
    indexed->count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_view names = auth_view_from_string(rows[i].params);
        while ((!rows[i].type || strcmp(rows[i].type, known->name) == 0) && names.n)
            add_field(indexed, type, mock_fhir_type_param(known, auth_view_split(&names, ' ')));
    }
    if (strcmp(known->name, "Provenance") == 0)
        add_field(indexed, type, &mock_index_target);
    indexed->is_person = strcmp(known->name, "Patient") == 0;
    indexed->is_listed = true;
}

/* Whether one path goes where the other goes, or further. */
static bool leads_into(struct auth_view path, struct auth_view into)
{
    return path.n >= into.n && memcmp(path.p, into.p, into.n) == 0 &&
           (path.n == into.n || strchr(".>@", path.p[into.n]) != NULL);
}

static bool is_within(const struct mock_fhir_param *param, const struct mock_fhir_param *field)
{
    struct auth_view paths = auth_view_from_string(param->paths);
    if (param->kind != field->kind)
        return false;
    while (paths.n) {
        struct auth_view path = auth_view_split(&paths, ' '), fields = auth_view_from_string(field->paths);
        bool is_there = false;
        while (fields.n && !is_there)
            is_there = leads_into(path, auth_view_split(&fields, ' '));
        if (!is_there)
            return false;
    }
    return true;
}

bool mock_index_knows(size_t type, const struct mock_fhir_param *param, uint64_t *seed)
{
    struct mock_indexed indexed;
    list_fields(type, &indexed);
    for (size_t i = 0; i < indexed.count; i++) {
        if (is_within(param, indexed.fields[i].param)) {
            *seed = indexed.fields[i].seed;
            return true;
        }
    }
    return false;
}

/* ---- hashes ---- */

static uint32_t hash_of(uint64_t seed, struct auth_view text)
{
    return (uint32_t)(mock_text_hash(seed, text) >> 16);
}

static struct auth_view first_bytes(struct auth_view text, size_t n)
{
    return auth_view_bytes(text.p, text.n < n ? text.n : n);
}

uint32_t mock_index_code(uint64_t seed, struct auth_view code)
{
    return hash_of(seed, first_bytes(code, CODE_MAX));
}

uint32_t mock_index_reference(uint64_t seed, struct auth_view id)
{
    return hash_of(seed, id);
}

bool mock_index_text(uint64_t seed, struct auth_view beginning, uint32_t *hash)
{
    *hash = hash_of(seed, first_bytes(beginning, beginning.n < LONG_PREFIX ? SHORT_PREFIX : LONG_PREFIX));
    return beginning.n >= SHORT_PREFIX;
}

static int64_t day_of(int64_t us)
{
    const int64_t day_us = 86400 * (int64_t)1000000;
    return us / day_us - (us % day_us < 0);
}

uint32_t mock_index_person(int64_t born_us, struct auth_view name)
{
    char sound[MOCK_SOUNDEX_N];
    uint64_t seed = MOCK_TEXT_HASH_START ^ (uint64_t)day_of(born_us) * 0x9e3779b97f4a7c15U;
    return hash_of(seed, mock_soundex(name, sound) ? auth_view_bytes(sound, sizeof sound) : name);
}

/* ---- noting ---- */

/* One resource, and one parameter of it. */
struct noting {
    struct mock_fhir_store *store;
    const struct mock_scan *scan;
    uint32_t number;
    uint64_t seed;
    int64_t born_us;
    enum auth_rc rc;
};

static bool note(struct noting *n, uint32_t hash)
{
    n->rc = mock_keys_add(&n->store->keys, hash, n->number);
    return n->rc != AUTH_OK;
}

/* A string, or a number or truth value as it is written. */
static bool note_code(struct noting *n, struct auth_view value)
{
    char code[CODE_MAX + 4]; /* a whole character behind what counts */
    struct auth_view written;
    if (!value.n)
        return false;
    if (!mock_raw_string(value, &written))
        written = value;
    return note(n, mock_index_code(n->seed, mock_raw_text(written, code, sizeof code)));
}

/* CodeableConcept, Coding, Identifier, ContactPoint, or plain: told by its members. */
static bool note_token(void *ctx, struct auth_view value)
{
    struct noting *n = ctx;
    struct auth_view coding;
    size_t cursor = 0;
    if (!value.n || value.p[0] != '{')
        return note_code(n, value);
    struct auth_view codings = mock_raw_member(value, "coding"), code = mock_raw_member(value, "code");
    if (!codings.n)
        return note_code(n, code.n ? code : mock_raw_member(value, "value"));
    while (auth_json_raw_next(codings, &cursor, &coding)) {
        if (note_code(n, mock_raw_member(coding, "code")))
            return true;
    }
    return false;
}

static bool note_address(struct noting *n, struct auth_view written)
{
    char text[MOCK_REFERENCE_MAX];
    struct mock_reference reference = mock_reference_read(mock_raw_text(written, text, sizeof text));
    return note(n, mock_index_reference(n->seed, reference.id));
}

/* A Reference's address is among those that the scan has listed; whatever else it holds does no harm. */
static bool note_reference(void *ctx, struct auth_view value)
{
    struct noting *n = ctx;
    const struct mock_scan *scan = n->scan;
    struct auth_view written;
    if (value.n && value.p[0] == '{' && !scan->has_references)
        value = mock_raw_member(value, "reference");
    if (mock_raw_string(value, &written))
        return note_address(n, written);
    for (size_t i = 0; i < scan->reference_count; i++) {
        const char *at = scan->references[i].p;
        if (at >= value.p && at < value.p + value.n && note_address(n, scan->references[i]))
            return true;
    }
    return false;
}

static bool note_text(void *ctx, struct auth_view folded, struct auth_view written)
{
    struct noting *n = ctx;
    (void)written;
    if (folded.n >= LONG_PREFIX && note(n, hash_of(n->seed, first_bytes(folded, LONG_PREFIX))))
        return true;
    return folded.n >= SHORT_PREFIX && note(n, hash_of(n->seed, first_bytes(folded, SHORT_PREFIX)));
}

static bool note_texts(void *ctx, struct auth_view value)
{
    return mock_walk_texts(value, note_text, ctx);
}

/* The members that the scan has listed are not looked for again. */
static void walk(struct noting *n, struct auth_view first, struct auth_view rest,
                 bool (*at)(void *ctx, struct auth_view value))
{
    const struct mock_scan *scan = n->scan;
    char name[64];
    if (!scan->is_whole || !scan->is_plain) {
        (void)snprintf(name, sizeof name, "%.*s", (int)first.n, first.p);
        struct auth_view member = mock_raw_member(scan->value, name);
        (void)(member.n && mock_walk(member, rest, at, n));
        return;
    }
    for (size_t i = 0; i < scan->member_count; i++) {
        if (auth_view_equals_view(scan->members[i].name, first)) {
            (void)mock_walk(scan->members[i].value, rest, at, n);
            return;
        }
    }
}

static void note_field(struct noting *n, const struct field *field)
{
    static bool (*const at[])(void *ctx, struct auth_view value) = {
        [MOCK_PARAM_TOKEN] = note_token,
        [MOCK_PARAM_REFERENCE] = note_reference,
        [MOCK_PARAM_STRING] = note_texts,
        [MOCK_PARAM_DATE] = NULL, /* by itself it finds too much */
    };
    n->seed = field->seed;
    for (size_t i = 0; i < field->path_count && n->rc == AUTH_OK; i++)
        walk(n, field->paths[i].first, field->paths[i].rest, at[field->param->kind]);
}

/* ---- people ---- */

static bool note_name(void *ctx, struct auth_view folded, struct auth_view written)
{
    struct noting *n = ctx;
    (void)written;
    bool is_over = note(n, mock_index_person(n->born_us, folded));
    bool has_words = auth_view_find(folded, ' ') < folded.n;
    while (has_words && !is_over && folded.n)
        is_over = note(n, mock_index_person(n->born_us, auth_view_split(&folded, ' ')));
    return is_over;
}

static bool note_names(void *ctx, struct auth_view value)
{
    return mock_walk_texts(value, note_name, ctx);
}

static bool note_birth(void *ctx, struct auth_view value)
{
    struct noting *n = ctx;
    struct mock_interval born;
    if (!mock_read_date(value, &born))
        return false;
    n->born_us = born.start;
    walk(n, auth_view_from_string("name"), auth_view_from_string(""), note_names);
    return n->rc != AUTH_OK;
}

enum auth_rc mock_index_add(struct mock_fhir_store *store, const struct mock_scan *scan, uint32_t number)
{
    struct noting n = {.store = store, .scan = scan, .number = number};
    uint16_t type = store->items[number].type;
    if (type >= mock_fhir_type_count)
        return AUTH_OK;
    if (!store->indexed)
        store->indexed = calloc(mock_fhir_type_count, sizeof *store->indexed);
    if (!store->indexed)
        return AUTH_E_NOMEM;
    struct mock_indexed *indexed = &store->indexed[type];
    if (!indexed->is_listed)
        list_fields(type, indexed);
    for (size_t i = 0; i < indexed->count && n.rc == AUTH_OK; i++)
        note_field(&n, &indexed->fields[i]);
    if (indexed->is_person && n.rc == AUTH_OK)
        walk(&n, auth_view_from_string("birthDate"), auth_view_from_string(""), note_birth);
    return n.rc;
}

/* ---- asking ---- */

static int by_place(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

enum auth_rc mock_index_find(const struct mock_fhir_store *store, const uint32_t *hashes, size_t hash_count,
                             uint32_t **numbers, size_t *count)
{
    size_t most = 0, kept = 0, at = 0;
    *numbers = NULL;
    *count = 0;
    for (size_t i = 0; i < hash_count; i++)
        most += mock_keys_find(&store->keys, hashes[i]).count;
    uint32_t *places = most ? malloc(most * sizeof *places) : NULL;
    if (!places)
        return most ? AUTH_E_NOMEM : AUTH_OK;
    for (size_t i = 0; i < hash_count; i++) {
        struct mock_key_range range = mock_keys_find(&store->keys, hashes[i]);
        for (size_t j = 0; j < range.count; j++)
            places[at++] = mock_key_place(range.items[j]);
    }
    if (hash_count > 1) /* those of one are sorted */
        qsort(places, at, sizeof *places, by_place);
    for (size_t i = 0; i < at; i++) {
        if (i == 0 || places[i] != places[i - 1])
            places[kept++] = places[i];
    }
    for (size_t i = 0; i < kept; i++)
        places[i] = store->by_type[places[i]];
    *numbers = places;
    *count = kept;
    return AUTH_OK;
}
