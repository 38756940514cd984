/* What the tests of the judge share: an assertion, and how a row bends it. */
#include "auth/rules/tests/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"

static struct auth_view read_key(const char *name, struct auth_buf *text)
{
    char path[512];
    auth_buf_init(text, 65536);
    snprintf(path, sizeof path, "%s/keys/%s", EPIC_FIXTURES_DIR, name);
    assert_int_equal(auth_file_read(path, text, NULL), AUTH_OK);
    return auth_buf_view(text);
}

int bench_set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct auth_key *key = NULL;
    struct auth_buf text;
    assert_non_null(bench);
    assert_int_equal(auth_key_from_cert(read_key("rsa2048_a.cert.pem", &text), &key, NULL), AUTH_OK);
    assert_int_equal(auth_jwk_set_of_key(key, &bench->cert), AUTH_OK);
    auth_buf_clear(&text);
    assert_int_equal(auth_jwk_set_parse(read_key("ab.jwks.json", &text), &bench->both, NULL), AUTH_OK);
    auth_buf_clear(&text);
    assert_int_equal(auth_jwk_set_parse(read_key("dup_kid.jwks.json", &text), &bench->same_kid, NULL), AUTH_OK);
    auth_buf_clear(&text);
    assert_int_equal(auth_jwk_set_parse(read_key("p256_a.jwks.json", &text), &bench->ec, NULL), AUTH_OK);
    auth_buf_clear(&text);
    *state = bench;
    return 0;
}

int bench_tear_down(void **state)
{
    struct bench *bench = *state;
    auth_jwk_set_clear(&bench->cert);
    auth_jwk_set_clear(&bench->both);
    auth_jwk_set_clear(&bench->same_kid);
    auth_jwk_set_clear(&bench->ec);
    free(bench);
    return 0;
}

static void set_profile(struct auth_profile *profile, const char *settings)
{
    struct auth_view rest = auth_view_from_string(settings);
    *profile = *auth_profile_named("epic");
    while (rest.n) {
        char *one = auth_view_dup(auth_view_split(&rest, ' '));
        assert_int_equal(auth_profile_set(profile, one, NULL), AUTH_OK);
        free(one);
    }
}

static void make_compact(struct auth_buf *out, const struct row *row)
{
    static const char sound[] = CLAIMS("\"c\"", ",\"aud\":\"" URL "\"", ",\"exp\":1790000200");
    const char *header = row->header ? row->header : "{\"alg\":\"RS384\"}";
    const char *claims = row->claims ? row->claims : sound;
    auth_buf_init(out, 65536);
    if (row->compact) {
        auth_buf_add_string(out, row->compact);
        return;
    }
    auth_b64u_encode(out, header, strlen(header));
    auth_buf_add_char(out, '.');
    auth_b64u_encode(out, claims, strlen(claims));
    char signature[600] = {0};
    size_t n = row->signature_n ? row->signature_n : 3;
    if (row->has_der)
        memcpy(signature, (char[]){0x30, (char)(n < 130 ? n - 2 : 0x81), (char)(n < 130 ? 2 : n - 3), 2}, 4);
    auth_buf_add_char(out, '.');
    auth_b64u_encode(out, signature, n);
}

static enum auth_key_source source_of(unsigned facts)
{
    if (facts & NO_SOURCE)
        return AUTH_KEYS_NONE;
    if (facts & URL_KEYS)
        return AUTH_KEYS_JWKS_URL;
    return facts & STATIC_KEYS ? AUTH_KEYS_JWKS : AUTH_KEYS_CERT;
}

static const struct auth_jwk_set *keys_of(const struct bench *bench, unsigned facts)
{
    if (facts & SAME_KID)
        return &bench->same_kid;
    if (facts & EC_KEYS)
        return &bench->ec;
    return facts & (URL_KEYS | STATIC_KEYS) ? &bench->both : &bench->cert;
}

/* The app's keys as the row wants them, in `entries`. */
static struct auth_jwk_set change_keys(const struct auth_jwk_set *set, unsigned facts,
                                       struct auth_jwk_set_entry entries[10])
{
    static char es384[] = "ES384", rs384[] = "RS384", kid[] = "same";
    struct auth_jwk_set changed = {.entries = entries, .count = set->count, .is_single = facts & SINGLE};
    memcpy(entries, set->entries, set->count * sizeof *entries);
    if (facts & NOT_SIGNING)
        entries[0].for_signing = false;
    if (facts & ES_ENTRY)
        entries[0].alg = es384;
    if (facts & RS_ENTRY)
        entries[0].alg = rs384;
    if (facts & NO_ENTRY)
        entries[0].key = NULL;
    if (facts & NINE_KEYS) {
        for (changed.count = 0; changed.count < 9; changed.count++)
            entries[changed.count] = set->entries[0];
        entries[0].kid = NULL;
        entries[1].kid = kid;
        entries[1].kid_n = strlen(kid);
    }
    if (facts & TEN_KEYS) {
        for (changed.count = 1; changed.count < 10; changed.count++)
            entries[changed.count] = set->entries[1];
    }
    if (facts & ONE_KEY)
        changed.count = 1;
    if (facts & EMPTY_KEYS)
        changed.count = 0;
    return changed;
}

/* What the set held before: a key without kid, "gone" without a key and of another type, "gone" as it was, and key-a. */
static struct auth_jwk_set previous_keys(const struct bench *bench, struct auth_jwk_set_entry entries[5])
{
    static char gone[] = "gone";
    for (int i = 0; i < 5; i++) {
        entries[i] = bench->both.entries[0];
        entries[i].kid = gone;
        entries[i].kid_n = strlen(gone);
    }
    entries[0].kid = NULL;
    entries[1].key = NULL;
    entries[2].key = bench->ec.entries[0].key;
    entries[4] = bench->both.entries[0];
    return (struct auth_jwk_set){.entries = entries, .count = 5};
}

static struct auth_request_facts request_of(struct bench *bench, const struct row *row, struct auth_err *err)
{
    enum auth_rc form_rc = auth_form_parse(auth_view_from_string(row->body), &bench->form, err);
    return (struct auth_request_facts){
        .method = auth_view_from_string("POST"),
        .query = auth_view_from_string(row->query),
        .content_type = auth_view_from_string(row->content_type),
        .authorization = auth_view_from_string(row->authorization),
        .authority = auth_view_from_string(row->host),
        .url = auth_view_from_string(row->posted),
        .form = &bench->form,
        .form_rc = form_rc,
        .form_detail = auth_view_from_string(err->detail),
    };
}

void bench_judge(struct bench *bench, const struct row *row)
{
    struct auth_scope scopes[2];
    assert_true(auth_scope_read(auth_view_from_string("system/Observation.r"), &scopes[0]));
    assert_true(auth_scope_read(auth_view_from_string("system/Patient.r"), &scopes[1]));
    const struct auth_view audience = auth_view_from_string(row->audience ? row->audience : URL);
    struct auth_jwk_set_entry entries[10];
    struct auth_jwk_set_entry before[5];
    struct auth_jwk_set keys = change_keys(keys_of(bench, row->facts), row->facts, entries);
    if (row->facts & EC_SECOND)
        entries[1] = bench->ec.entries[0];
    struct auth_jwk_set previous = previous_keys(bench, before);
    struct auth_err err = {0};
    const struct auth_client_facts client = {
        .is_known = !(row->facts & UNKNOWN_CLIENT),
        .client_id = auth_view_from_string(row->facts & LONG_ID ? LONG_CLIENT_ID : "c"),
        .near_id = auth_view_from_string(row->near_id),
        .usable_from_s = row->facts & NOT_SYNCED ? NOW_S + 1 : NOW_S,
        .is_production = row->facts & PRODUCTION,
        .has_background_user = !(row->facts & NO_BACKGROUND),
        .key_source = source_of(row->facts),
        .jwks_url = auth_view_from_string("https://k.example"),
        .keys = row->facts & NO_KEYS ? NULL : &keys,
        .previous_keys = row->facts & HAD_KEYS ? &previous : NULL,
        .scopes = scopes,
        .scope_count = 2,
    };
    struct auth_request_facts request = request_of(bench, row, &err);
    set_profile(&bench->profile, row->settings);
    make_compact(&bench->compact, row);
    assert_int_equal(auth_jwt_read(auth_buf_view(&bench->compact), &bench->jwt), AUTH_OK);
    const struct auth_rules_input input = {
        .profile = &bench->profile,
        .now_s = NOW_S,
        .clock_ahead_s = row->ahead_s,
        .clock_cause = row->clock,
        .server_is_production = row->facts & PRODUCTION_SERVER,
        .request = row->body ? &request : NULL,
        .jwt = &bench->jwt,
        .client = &client,
        .audiences = &audience,
        .audience_count = row->facts & NO_AUDIENCE ? 0 : 1,
    };
    assert_int_equal(auth_rules_check(&input, &bench->report), AUTH_OK);
    auth_jwt_clear(&bench->jwt);
    auth_form_clear(&bench->form);
    auth_buf_clear(&bench->compact);
}

static const char *cause_id(unsigned cause)
{
    return auth_rules_cause((enum auth_cause)cause)->name;
}

void bench_expect(struct bench *bench, const struct row *rows, size_t count)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        enum auth_rule rule = auth_rules_find(auth_view_from_string(rows[i].rule));
        assert_int_not_equal(rule, AUTH_RULE_NONE);
        bench_judge(bench, &rows[i]);
        const struct auth_verdict *verdict = &bench->report.verdicts[rule];
        if (verdict->result == rows[i].result && verdict->causes[0] == rows[i].cause &&
            verdict->causes[1] == rows[i].or_else && verdict->causes[2] == rows[i].third)
            continue;
        wrong++;
        print_error("row %zu: %s is %s (by %d), causes %s %s %s; wanted %s, %s %s\n", i, rows[i].rule,
                    auth_rules_result_text((enum auth_result)verdict->result), verdict->blocked_by,
                    cause_id(verdict->causes[0]), cause_id(verdict->causes[1]), cause_id(verdict->causes[2]),
                    auth_rules_result_text(rows[i].result), cause_id(rows[i].cause), cause_id(rows[i].or_else));
    }
    assert_int_equal(wrong, 0);
}
