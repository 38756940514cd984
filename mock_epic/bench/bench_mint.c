/* Makes the inputs of the bench: a key, its certificate, and raw token requests with distinct, valid assertions.
 *
 *     bench_mint DIR COUNT CLIENT_ID TOKEN_URL     writes DIR/key.pem, DIR/cert.pem, DIR/requests
 *     bench_mint DIR verify ROUNDS                 prints ns of CPU time per RS384 verify of one such assertion
 *
 * The verify loop calls OpenSSL the fastest way known (a digest context copied from a prepared one): it is what
 * the server's CPU time per token request is divided by. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "auth/core/b64u.h"
#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/form.h"
#include "auth/core/text.h"
#include "auth/jose/jws.h"

static struct auth_err err;

static void check(enum auth_rc rc)
{
    if (rc == AUTH_OK)
        return;
    fprintf(stderr, "bench_mint: %s %s\n", auth_rc_text(rc), err.detail);
    exit(3);
}

static void write_file(const char *dir, const char *name, const struct auth_buf *bytes, unsigned mode)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    check(auth_buf_check(bytes, &err));
    check(auth_file_write(path, auth_buf_view(bytes), mode, AUTH_FILE_REPLACE, &err));
}

/* "host:port" of a URL, which oidc-provider wants to see in Host. */
static struct auth_view authority_of(const char *url)
{
    const char *start = strstr(url, "://");
    struct auth_view rest = auth_view_from_string(start ? start + 3 : url);
    return auth_view_split(&rest, '/');
}

static void add_request(struct auth_buf *out, const struct auth_key *key, const char *client_id, const char *token_url,
                        int number, int64_t now_s)
{
    struct auth_buf claims, jwt, form;
    auth_buf_init(&claims, 4096);
    auth_buf_init(&jwt, 8192);
    auth_buf_init(&form, 8192);
    auth_buf_addf(
        &claims, "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"jti\":\"bench-%d-%lld\",\"exp\":%lld,\"iat\":%lld}",
        client_id, client_id, token_url, number, (long long)now_s, (long long)now_s + 290, (long long)now_s - 2);
    check(auth_jws_write(key, AUTH_RS384, auth_view_from_string("{\"alg\":\"RS384\",\"typ\":\"JWT\"}"),
                         auth_buf_view(&claims), &jwt, &err));
    auth_form_write(&form, auth_view_from_string("grant_type"), auth_view_from_string("client_credentials"));
    auth_form_write(&form, auth_view_from_string("client_assertion_type"),
                    auth_view_from_string("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    auth_form_write(&form, auth_view_from_string("client_assertion"), auth_buf_view(&jwt));
    struct auth_buf request;
    struct auth_view host = authority_of(token_url);
    auth_buf_init(&request, 16384);
    auth_buf_addf(&request,
                  "POST /interconnect-fhir-oauth/oauth2/token HTTP/1.1\r\nHost: %.*s\r\nContent-Type: "
                  "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
                  (int)host.n, host.p, form.n, form.p);
    auth_buf_addf(out, "%zu\n", request.n);
    auth_buf_add_view(out, auth_buf_view(&request));
    auth_buf_clear(&request);
    auth_buf_clear(&form);
    auth_buf_clear(&jwt);
    auth_buf_clear(&claims);
}

static void mint(const char *dir, int count, const char *client_id, const char *token_url)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx);
    struct auth_cert_request request = {
        .common_name = "bench", .not_before_s = now_s - 60, .not_after_s = now_s + 86400};
    struct auth_key *key;
    struct auth_buf pem, cert, out;
    auth_buf_init_secret(&pem, 65536);
    auth_buf_init(&cert, 65536);
    auth_buf_init(&out, (size_t)1 << 31);
    check(auth_key_generate_rsa(2048, &key, &err));
    check(auth_key_write_private_pem(key, &pem, &err));
    check(auth_key_write_cert(key, &request, NULL, auth_view_from_string(""), &cert, &err));
    for (int i = 0; i < count; i++)
        add_request(&out, key, client_id, token_url, i, now_s);
    write_file(dir, "key.pem", &pem, 0600);
    write_file(dir, "cert.pem", &cert, 0644);
    write_file(dir, "requests", &out, 0644);
    auth_buf_clear(&out);
    auth_buf_clear(&cert);
    auth_buf_clear(&pem);
    auth_key_free(key);
}

/* Verify the first assertion of DIR/requests again and again. */
static void verify(const char *dir, long rounds)
{
    char path[512];
    struct auth_buf requests, signature;
    struct auth_jws jws;
    auth_buf_init(&requests, (size_t)1 << 31);
    auth_buf_init(&signature, 4096);
    snprintf(path, sizeof path, "%s/requests", dir);
    check(auth_file_read(path, &requests, &err));
    char *jwt = strstr(requests.p, "client_assertion=");
    jwt = jwt ? jwt + sizeof "client_assertion=" - 1 : NULL;
    size_t n = jwt ? strspn(jwt, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") : 0;
    check(auth_jws_split(auth_view_bytes(jwt, n), &jws, &err));
    /* the form ends with the signature, and the next request's length follows: 342 characters are 256 bytes */
    jws.signature.n = 342;
    check(auth_b64u_decode(jws.signature, &signature, &err));

    snprintf(path, sizeof path, "%s/cert.pem", dir);
    FILE *file = fopen(path, "r");
    X509 *x509 = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *prepared = EVP_MD_CTX_new(), *ctx = EVP_MD_CTX_new();
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA384", NULL);
    if (!x509 || !prepared || !ctx || !md ||
        EVP_DigestVerifyInit(prepared, NULL, md, NULL, X509_get0_pubkey(x509)) != 1)
        exit(3);
    struct timespec start, stop;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    for (long i = 0; i < rounds; i++) {
        if (EVP_MD_CTX_copy_ex(ctx, prepared) != 1 ||
            EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n,
                             (const unsigned char *)jws.signing_input.p, jws.signing_input.n) != 1) {
            fprintf(stderr, "bench_mint: the assertion does not verify\n");
            exit(3);
        }
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &stop);
    printf("%.1f\n",
           ((double)(stop.tv_sec - start.tv_sec) * 1e9 + (double)(stop.tv_nsec - start.tv_nsec)) / (double)rounds);
    EVP_MD_free(md);
    EVP_MD_CTX_free(ctx);
    EVP_MD_CTX_free(prepared);
    X509_free(x509);
    fclose(file);
    auth_buf_clear(&signature);
    auth_buf_clear(&requests);
}

int main(int argc, char **argv)
{
    if (argc == 5)
        mint(argv[1], (int)strtol(argv[2], NULL, 10), argv[3], argv[4]);
    else if (argc == 4 && strcmp(argv[2], "verify") == 0)
        verify(argv[1], strtol(argv[3], NULL, 10));
    else
        return 2;
    return 0;
}
