/* A load generator for the bench: keep-alive connections, requests from a file, every answer counted by status.
 *
 *     bench_load PORT CONNECTIONS REQUESTS_FILE [REPEAT [block]]
 *
 * The file holds raw HTTP requests, each after a line with its length in bytes; they are sent once in order, or, with
 * REPEAT (0: once), that many times in turn. Prints one JSON object. One thread, loopback only. It never sleeps: waking a
 * sleeping load generator costs the server's core about 10 us per answer in a virtual machine, which says nothing about the
 * server. With `block` it does, as real clients do. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, ANSWER_MAX = 1024 * 1024 };

struct request {
    const char *p;
    size_t n;
};

struct channel {
    int fd;
    char *answer;
    size_t answer_n;
    struct timespec sent;
    int is_waiting; /* for an answer; with fewer requests than connections some never do */
};

static struct request *requests;
static size_t request_count;
static size_t total, sent, done, ok_count;
static double *latency_us;

static void die(const char *what)
{
    perror(what);
    exit(3);
}

static void give_up(const char *why)
{
    fprintf(stderr, "bench_load: %s\n", why);
    exit(3);
}

static char *read_all(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        die(path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
        die(path);
    fclose(file);
    text[size] = '\0';
    *n = (size_t)size;
    return text;
}

static void load_requests(const char *path)
{
    size_t n, capacity = 1024;
    char *text = read_all(path, &n);
    requests = malloc(capacity * sizeof *requests);
    for (char *at = text; requests && at < text + n;) {
        char *end;
        size_t length = (size_t)strtoul(at, &end, 10);
        if (request_count == capacity)
            requests = realloc(requests, (capacity *= 2) * sizeof *requests);
        if (!requests)
            break;
        requests[request_count++] = (struct request){end + 1, length};
        at = end + 1 + length;
    }
    if (!requests || !request_count)
        give_up("no requests, or no memory for them");
}

static void send_next(struct channel *channel)
{
    if (sent == total)
        return;
    const struct request *request = &requests[sent++ % request_count];
    clock_gettime(CLOCK_MONOTONIC, &channel->sent);
    channel->answer_n = 0;
    channel->is_waiting = 1;
    for (size_t at = 0; at < request->n;) {
        ssize_t n = send(channel->fd, request->p + at, request->n - at, MSG_NOSIGNAL);
        if (n <= 0)
            die("send");
        at += (size_t)n;
    }
}

/* Whole answer there? Only Content-Length framing, which both servers use. */
static int is_complete(const struct channel *channel)
{
    const char *end = strstr(channel->answer, "\r\n\r\n");
    if (!end)
        return 0;
    const char *length = strstr(channel->answer, "\r\nContent-Length:");
    size_t want = length && length < end ? (size_t)strtoul(length + 17, NULL, 10) : 0;
    return channel->answer_n >= (size_t)(end + 4 - channel->answer) + want;
}

static void receive(struct channel *channel)
{
    struct timespec now;
    ssize_t n = recv(channel->fd, channel->answer + channel->answer_n, ANSWER_MAX - channel->answer_n - 1, 0);
    if (n < 0)
        die("recv");
    if (n == 0)
        give_up(channel->answer_n == ANSWER_MAX - 1 ? "an answer of more than 1 MiB"
                                                    : "the server closed before its answer");
    channel->answer_n += (size_t)n;
    channel->answer[channel->answer_n] = '\0';
    if (!is_complete(channel))
        return;
    channel->is_waiting = 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    latency_us[done++] =
        (double)(now.tv_sec - channel->sent.tv_sec) * 1e6 + (double)(now.tv_nsec - channel->sent.tv_nsec) / 1e3;
    ok_count += strncmp(channel->answer, "HTTP/1.1 200", 12) == 0;
    send_next(channel);
}

static int is_overdue(const struct channel *channel)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return channel->is_waiting && now.tv_sec - channel->sent.tv_sec > 10;
}

static int connect_to(unsigned long port)
{
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    struct channel channels[CONNECTIONS_MAX];
    struct pollfd fds[CONNECTIONS_MAX];
    struct timespec start, end;
    if (argc < 4)
        return 2;
    size_t count = (size_t)strtoul(argv[2], NULL, 10);
    load_requests(argv[3]);
    total = argc > 4 ? (size_t)strtoul(argv[4], NULL, 10) : 0;
    total = total ? total : request_count;
    int patience_ms = argc > 5 ? 1000 : 0;
    latency_us = malloc(total * sizeof *latency_us);
    if (count > CONNECTIONS_MAX || count == 0 || total == 0 || !latency_us)
        return 2;
    for (size_t i = 0; i < count; i++) {
        channels[i] = (struct channel){.fd = connect_to(strtoul(argv[1], NULL, 10)), .answer = malloc(ANSWER_MAX)};
        fds[i] = (struct pollfd){.fd = channels[i].fd, .events = POLLIN};
    }
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (size_t i = 0; i < count; i++)
        send_next(&channels[i]);
    while (done < total) {
        if (poll(fds, (nfds_t)count, patience_ms) < 0)
            die("poll");
        for (size_t i = 0; i < count; i++) {
            if (fds[i].revents && channels[i].is_waiting)
                receive(&channels[i]);
            else if (is_overdue(&channels[i]))
                give_up("no answer within 10 s");
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    for (size_t i = 0; i < count; i++) {
        close(channels[i].fd);
        free(channels[i].answer);
    }
    double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    qsort(latency_us, total, sizeof *latency_us, by_value);
    printf("{\"requests\":%zu,\"ok\":%zu,\"seconds\":%.6f,\"per_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f}\n",
           total, ok_count, seconds, (double)total / seconds, latency_us[total / 2], latency_us[total * 99 / 100]);
    return 0;
}
