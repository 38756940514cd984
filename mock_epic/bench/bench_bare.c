/* The floor that requests are measured against: libmicrohttpd answering every request with one fixed body.
 *
 *     bench_bare PORT BYTES          prints "ready" when it listens
 *     bench_bare PORT BYTES DIR      verifies the first assertion of DIR/requests before each answer: the least that
 *                                    a token endpoint on this library can cost */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

#include "auth/core/b64u.h"
#include "auth/core/file.h"
#include "auth/jose/jws.h"

static struct MHD_Response *answer;
static struct auth_key *key; /* NULL: nothing is verified */
static struct auth_buf requests, signature;
static struct auth_jws jws;

static bool read_assertion(const char *dir)
{
    struct auth_buf pem;
    char path[512];
    auth_buf_init(&pem, 65536);
    auth_buf_init(&requests, (size_t)1 << 31);
    auth_buf_init(&signature, 4096);
    snprintf(path, sizeof path, "%s/cert.pem", dir);
    bool ok =
        auth_file_read(path, &pem, NULL) == AUTH_OK && auth_key_from_cert(auth_buf_view(&pem), &key, NULL) == AUTH_OK;
    snprintf(path, sizeof path, "%s/requests", dir);
    ok = ok && auth_file_read(path, &requests, NULL) == AUTH_OK;
    auth_buf_clear(&pem);
    const char *jwt = ok ? strstr(requests.p, "client_assertion=") : NULL;
    if (!jwt)
        return false;
    jwt += sizeof "client_assertion=" - 1;
    size_t n = strspn(jwt, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    if (auth_jws_split(auth_view_bytes(jwt, n), &jws, NULL) != AUTH_OK)
        return false;
    jws.signature.n = 342; /* the next request's length follows the signature: 342 characters are 256 bytes */
    return auth_b64u_decode(jws.signature, &signature, NULL) == AUTH_OK;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_n, void **slot)
{
    static int seen;
    (void)cls, (void)url, (void)method, (void)version, (void)upload;
    if (!*slot) {
        *slot = &seen;
        return MHD_YES;
    }
    if (*upload_n) {
        *upload_n = 0;
        return MHD_YES;
    }
    if (key && auth_jws_verify(key, AUTH_RS384, jws.signing_input, auth_buf_view(&signature), NULL) != AUTH_OK)
        return MHD_NO;
    return MHD_queue_response(connection, 200, answer);
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4)
        return 2;
    if (argc == 4 && !read_assertion(argv[3]))
        return 3;
    size_t n = (size_t)strtoul(argv[2], NULL, 10);
    char *body = malloc(n);
    if (!body)
        return 3;
    memset(body, 'x', n);
    answer = MHD_create_response_from_buffer(n, body, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(answer, "Content-Type", "application/fhir+json; charset=utf-8");
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, (uint16_t)strtoul(argv[1], NULL, 10),
                                                 NULL, NULL, on_request, NULL, MHD_OPTION_END);
    if (!daemon)
        return 3;
    puts("ready");
    fflush(stdout);
    pause();
    return 0;
}
