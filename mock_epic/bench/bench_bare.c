/* The floor that reads are measured against: libmicrohttpd answering every request with one fixed body.
 *
 *     bench_bare PORT BYTES     prints "ready" when it listens */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

static struct MHD_Response *answer;

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
    return MHD_queue_response(connection, 200, answer);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
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
