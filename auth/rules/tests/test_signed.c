/* What an RSA signature tells that does not verify: whose key made it, and over what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"
#include "auth/core/text.h"
#include "auth/jose/seal.h"
#include "auth/rules/tests/support.h"

/* By rsa2048_a, over the JWT that a row without header and claims has: what the library here does not make. The first three of
 * these are signatures that other programs make, the others what no program should. */
// clang-format off
#define PSS            "e3Nr10xPT1z-m74N9Asxx5MvUZ8qCu_jcdpoVEt72uDaIXYC6_IL2v43d8ab5yf0Yf0KE4OAy1paZFwxNNp7CCOHEYCR17hZzUUHvLGmAr3ntQ" \
    "LYlGwl0T9tda8G8m62_qjS37heXVk5U0lap4Y2eS2anSttdPdYYW7A3HTrtAh4bE9pfIUuox84tFMxgXZl4BrbtvkJnX9PzWQEvQWFx6X-fLkj" \
    "q-15j8H4FYoA3VSqM1XhVt_4C7WSgyOitmfSsoO2ynaz7p74Yz38w3T-JGQXYw23KC_vjVIEykZ5KeVrr1ldFp2eriM1gk6LnKT9DBcqqPVGD4" \
    "tOSiTDqg5LhA"
#define SHA1           "Ihdzk8Q3G4bhkynTfIrd0vwNhopme7Tv9hzX1GGTREp_JJ_HCdXgWqVGWQMESLJEmG-UTLgnfgh8tkPPSxQpi8weu6B4_ROYpGp-p3lTbnZOiR" \
    "EIbyEUuRxbObTb-Qb0J4GMgYvM-r4HTOFg3o9tOjG43wVRTcvTRo6rio1BtmIGYGBWCAzlAC-HdYqCvb2iwaktmMxzjSvwS0u9cXOSfyvk6cxJ" \
    "MwindPKmxb3rE8D_-uQtxuIGEc8nuKQh1SuodE-nGfdkIrufz6NMnYnjSA-fzufWfTpRufjh6BnWnyjhZkmRnPbPLFA7H6N0Dzj8sC2DswYAl-" \
    "_3-aaNJouGDA"
#define BARE           "lCg_4Im9stbn6CJSUkEqjjhi5brs4WHD_ahf60OT820dCbHmrmlMvIbxcjc-wGrTVX6Ss0FV9V1e1CNveHhIzNwPtBvfZEPUE5so9fy1GwyEIM" \
    "g0uZKWZuZiad9ifQw4NwwHmsWNMsGaIqqs9z_4rqCWYIcHK2CqdK_QLdyjFHVxmwzAvQxDOEtnMAKDC1m9R_61DBUNwzYVT0Ul--PXo3HYvER8" \
    "FcvxanCz0KHO-2yrKYUTjesZGTRDt6gG7eOnI8fyRNvlKWa2jTWTy6zIenocUnyCgYuRjB2604mpjj5vG1-__ylqfkwEs8bEbfIiPi8MBLitFJ" \
    "86Y6NxK1Fp6w"
#define PSS_OF_OTHER   "TqO3_gLN16UXheC0ggHYy3G5mYjmnc0-5n9WBWO_n79DrQVFLHw9W15ltBRoQOStTLMYUu_wSzHUCfkjjyb6cvNIFdfcqMtxLQXTXvS2k7DwuP" \
    "hQ_eXB4v16D_wRfHlIm14Fn5Gtym4dJ0yIDsH5OJthk8YHBgFnSFFXVqrrwba8JXGTPq2NwTtoYLxUtMDEKyv_2RuToaq8DbR_-E2ucWjTuO-_" \
    "jj8hJmmB3LQv_su5KMaB3tgKTY6iq4JZfn0WlqXpXAbn6lPxN9S4LCjL3JBEsGaj2itPiPzZB8L0gNHbjQ5dbUcsGsvLkb-Fi4S3CM3MIQuJbz" \
    "ZIBfYJS4f5ww"
#define SHORT_PADDING  "BSr3GfVpf4ZjQOOggUgxKMrD3CjnFcPvcrUIAwyY1pjw7S73cBCdDW6kreoxPK6B6mmDF1fdrRKmgRhWhZHK76EecTyar0MeOOMAcVrzSNzV4Q" \
    "ylXDKKbUk3-SoWCEUMHP3Z28jrIDGTA8QWRmFmdis64-RddRro3lXku5V1ryMyPreQZFr4mrEpQJFW15fMY9AbZCDEEKjzDXHMXJcMWAW4HdTZ" \
    "SDTvz1EPc3ImetwP8nycSQ207GK-PLC8whipX200EeW8uQDgeUzPS9PdcFqCHGWGie4ysrZQ5U2o5DhB43yBbKoBe-Bu_KZTzgFiRvFUi2BNVh" \
    "-uKa4hC2M4Kw"
#define NO_END         "PVI-t-TeowLKjcw8z2rY1-LLzxBjjo-L0I7V8WE8fjMBsKwgP2C4NuBitUu_KYTgxsrxiBwPX5rcKVoft2OBFkWYaS-6YfVwZfQv92rMEc9Bjz" \
    "q1D5v0pze03HXyqvgk9jL4B5ubQPjVVxAUzdDNccnkfOUmwIzIfwgaKvkpH5k1iXLJbpUwUWx9vYoIHRXT87Ti3okF-K8usVAhXC91Zy8bd9oM" \
    "wONWAr3RBxoNayrRI2ba1V3RWbs4Bs6JVuv1rdBRA0X5RziwJJlsQkiz49D31XPCVHSO5z3MSUCnS4B6TJBPZKO8yi58Ub7vUj_TFUixp-ocSG" \
    "fOly0XiahVeQ"
#define OTHER_END      "LGCtR_7YBzsYreNUL_rJP-9GC5iKSlHFz82LAJij5CgyJkDzvEgFN17IeBRctbWf2iBZu9Cy0j2Z690xfpcCfoN_Vj_4jlCVtgsdYD-XM56EFY" \
    "3PzYaxrAfeNTj-Y5dvBD0hUuI4gHg9fUHTn8ac9E-MyU-cuVpGH9EIqQAD1AW5BjloEcsrt-uMAQunQWbugFf08aY43pw4BQyIvSRvep3FR7cl" \
    "63QGcZmZvNSqR01JnPCKfCo8O6MhBhFUyN-GOP60Ob02XuWovu7kI7F6oY5xNyy-5M9QaFIMIbXwPh1Sh6DG4nqWtntTziJjq1vg4-mCY4kdy0" \
    "odJzdDNOL_OQ"
#define ODD_DIGEST     "FFmAkprRibBbi46Zq1gYvcI7nnzdLhdhjef5mle-jCIn8J84pnjeQxEAWecebAo1fCKpjG-oqD48bH4vMXqIDMHTwP_hCna97Fejy8hosv6r-P" \
    "v31riY7jtvhLcQheMiTJJza3msMM0-KeE4-znI7ufZcv38bnYT6tghKE-yS2ssRnLtqM5OGrzE8HBMysbKOavOdboxsx3YMVWkbHptU2iZJ2Ll" \
    "NlrgqO01Q6l1PnCPj9YpxAENSS2PPQBKr39nv5KTDXKzNzgzPfd1XFiSc-g-BcK6cPKSMD75x6E-zuNTDHU1vzUL1f8Vlx5SVyRKJhDwk5NSjO" \
    "nw2vW9zs5YvA"
#define TYPE_2         "BfYBDxHZhNxBVUv6ODblSAizmL1X9S5YiaPpKM2YYy4C0Tm68acVnEStZBn3ttO7kNah8ES6o7ZhNFaEJec-pXS2UfAmVI-dR1wUUmt-wVyoGO" \
    "RUE4TfFvgSTpFqjQNZEZXI-2DS_TLkd6saTSh7McEt-P6Deh8RXY3fQ2VJHFGrbXBJ0IWvfwRfvq2R60OvS3aZlpnTGDUhd3qOPpwkQRKGvFNa" \
    "AHRXQjZ11-T4uLROQxf-xOSzBB9XeFoa_piJ3WAk6S7UVPrhtJFe7eC4PwAR0wJT--k7Rl137vrtmN4O8M4m1MmYQudx0i-C1bG8HRYr3jr85y" \
    "iMW4xLUgvKKA"
// clang-format on

/* ---- over other bytes ---- */

static char key_pem[8192];
static size_t key_n;

/* header.payload, and the payload alone, with its signature over `bytes`; NULL: over header.payload itself. */
struct signed_jwt {
    struct auth_buf compact;
    size_t input_n;
};

static void start(struct signed_jwt *jwt)
{
    static const char header[] = "{\"alg\":\"RS384\"}",
                      claims[] = CLAIMS("\"c\"", ",\"aud\":\"" URL "\"", ",\"exp\":1790000200");
    auth_buf_init(&jwt->compact, 65536);
    auth_b64u_encode(&jwt->compact, header, strlen(header));
    auth_buf_add_char(&jwt->compact, '.');
    auth_b64u_encode(&jwt->compact, claims, strlen(claims));
    jwt->input_n = jwt->compact.n;
}

static void sign(struct signed_jwt *jwt, struct auth_view bytes)
{
    struct auth_key *key = NULL;
    struct auth_buf signature;
    auth_buf_init(&signature, 1024);
    assert_int_equal(auth_key_from_private_pem(auth_view_bytes(key_pem, key_n), NULL, &key, NULL), AUTH_OK);
    assert_int_equal(auth_jws_sign(key, AUTH_RS384, bytes, &signature, NULL), AUTH_OK);
    auth_buf_add_char(&jwt->compact, '.');
    auth_b64u_encode(&jwt->compact, signature.p, signature.n);
    auth_buf_clear(&signature);
    auth_key_free(key);
}

/* The bytes that are signed: what stands in `format`, with I for header.payload, P and H for its parts, J for the JSON. */
static void write_bytes(const struct signed_jwt *jwt, const char *format, struct auth_buf *out)
{
    struct auth_view input = auth_view_bytes(jwt->compact.p, jwt->input_n), payload = input;
    struct auth_view header = auth_view_split(&payload, '.');
    for (; *format; format++) {
        if (*format == 'I')
            auth_buf_add_view(out, input);
        else if (*format == 'P')
            auth_buf_add_view(out, payload);
        else if (*format == 'H')
            auth_buf_add_view(out, header);
        else if (*format == 'J')
            assert_int_equal(auth_b64u_decode(payload, out, NULL), AUTH_OK);
        else
            auth_buf_add_char(out, *format);
    }
}

static void expect(struct bench *bench, const char *compact, enum auth_cause cause, const char *says)
{
    struct auth_buf out;
    auth_buf_init(&out, 4096);
    bench_judge(bench, &(struct row){.compact = compact});
    auth_rules_actual(&bench->report, AUTH_RULE_SIGNATURE, &out);
    if (bench->report.verdicts[AUTH_RULE_SIGNATURE].causes[0] != cause || !strstr(out.p, says))
        fail_msg("%s in place of %s", out.p, says);
    auth_buf_clear(&out);
}

static void test_over_other_bytes(void **state)
{
    static const struct {
        const char *format;
        enum auth_cause cause;
        const char *says;
    } rows[] = {
        {"P", AUTH_CAUSE_SIGNATURE_OF_PART, "the payload alone"},
        {"H", AUTH_CAUSE_SIGNATURE_OF_PART, "the header alone"},
        {"J", AUTH_CAUSE_SIGNATURE_OF_PART, "the JSON of the payload"},
        {"I.", AUTH_CAUSE_SIGNATURE_OF_PART, "the dot behind it"},
        {"I\n", AUTH_CAUSE_SIGNATURE_OF_PART, "a line end"},
        {"I\r\n", AUTH_CAUSE_SIGNATURE_OF_PART, "a line end"},
        {"\"I\"", AUTH_CAUSE_SIGNATURE_OF_PART, "in quotation marks"},
        {"I ", AUTH_CAUSE_SIGNATURE_ALTERED, "altered or encoded anew"},
        {"", AUTH_CAUSE_SIGNATURE_ALTERED, "altered or encoded anew"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct signed_jwt jwt;
        struct auth_buf bytes;
        auth_buf_init(&bytes, 65536);
        start(&jwt);
        write_bytes(&jwt, rows[i].format, &bytes);
        sign(&jwt, auth_buf_view(&bytes));
        expect(*state, jwt.compact.p, rows[i].cause, rows[i].says);
        auth_buf_clear(&bytes);
        auth_buf_clear(&jwt.compact);
    }
}

static void test_in_utf16(void **state)
{
    struct signed_jwt jwt;
    struct auth_buf bytes;
    auth_buf_init(&bytes, 65536);
    start(&jwt);
    for (size_t i = 0; i < jwt.input_n; i++) {
        auth_buf_add_char(&bytes, jwt.compact.p[i]);
        auth_buf_add_char(&bytes, '\0');
    }
    sign(&jwt, auth_buf_view(&bytes));
    expect(*state, jwt.compact.p, AUTH_CAUSE_SIGNATURE_OF_PART, "in UTF-16");
    auth_buf_clear(&bytes);
    auth_buf_clear(&jwt.compact);
}

/* The signature of PKCS#1 over header.payload holds its digest, which a program signs once more: as bytes, or as hex digits. */
static void test_of_a_digest(void **state)
{
    for (int is_hex = 0; is_hex < 2; is_hex++) {
        struct signed_jwt jwt, right;
        struct auth_seal seal;
        struct auth_key *key = NULL;
        struct auth_buf raw, bytes;
        auth_buf_init(&raw, 1024);
        auth_buf_init(&bytes, 1024);
        start(&right);
        struct auth_view input = auth_view_bytes(right.compact.p, right.input_n);
        assert_int_equal(auth_key_from_private_pem(auth_view_bytes(key_pem, key_n), NULL, &key, NULL), AUTH_OK);
        assert_int_equal(auth_jws_sign(key, AUTH_RS384, input, &raw, NULL), AUTH_OK);
        auth_seal_open(key, input, auth_buf_view(&raw), &seal);
        assert_true(auth_seal_is_of(&seal, input));
        if (is_hex)
            auth_text_hex(&bytes, seal.digest, seal.digest_n, false);
        else
            auth_buf_add(&bytes, seal.digest, seal.digest_n);
        start(&jwt);
        sign(&jwt, auth_buf_view(&bytes));
        expect(*state, jwt.compact.p, AUTH_CAUSE_SIGNATURE_OF_PART, "hashed once more");
        auth_buf_clear(&jwt.compact);
        auth_buf_clear(&right.compact);
        auth_buf_clear(&raw);
        auth_buf_clear(&bytes);
        auth_key_free(key);
    }
}

/* ---- in another form ---- */

static void test_each_form(void **state)
{
    static const struct {
        const char *signature;
        enum auth_cause cause;
        const char *says;
    } rows[] = {
        {PSS, AUTH_CAUSE_SIGNATURE_PSS, "made by RSA-PSS with the registered key"},
        {SHA1, AUTH_CAUSE_SIGNATURE_OTHER_HASH, "SHA1: made with this algorithm"},
        {BARE, AUTH_CAUSE_SIGNATURE_BARE, "without the name of its algorithm"},
        {PSS_OF_OTHER, AUTH_CAUSE_SIGNATURE_MISMATCH, "made with another private key"},
        {SHORT_PADDING, AUTH_CAUSE_SIGNATURE_MISMATCH, "made with another private key"},
        {NO_END, AUTH_CAUSE_SIGNATURE_MISMATCH, "made with another private key"},
        {OTHER_END, AUTH_CAUSE_SIGNATURE_MISMATCH, "made with another private key"},
        {ODD_DIGEST, AUTH_CAUSE_SIGNATURE_MISMATCH, "made with another private key"},
        {TYPE_2, AUTH_CAUSE_SIGNATURE_MISMATCH, "made with another private key"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct signed_jwt jwt;
        start(&jwt);
        auth_buf_add_char(&jwt.compact, '.');
        auth_buf_add_string(&jwt.compact, rows[i].signature);
        expect(*state, jwt.compact.p, rows[i].cause, rows[i].says);
        auth_buf_clear(&jwt.compact);
    }
}

static int set_up(void **state)
{
    struct auth_buf pem;
    auth_buf_init(&pem, sizeof key_pem);
    assert_int_equal(auth_file_read(EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem", &pem, NULL), AUTH_OK);
    memcpy(key_pem, pem.p, pem.n);
    key_n = pem.n;
    auth_buf_clear(&pem);
    return bench_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_over_other_bytes, set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_in_utf16, set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_of_a_digest, set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_each_form, set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
