/* The transport over libcurl: one exchange, bounded in bytes and time, and the cause of a failure in words. */
#include "auth/net/http.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/time.h"
#include "auth/core/url.h"
#include "auth/net/libcurl.h"

enum { POOL_MAX = 16, HEADERS_MAX_N = 64 * 1024, BODY_DEFAULT = 1024 * 1024 };

struct curl_http {
    struct auth_http base;
    struct auth_http_options options;
    char *ca_file;
    char *user_agent;
    pthread_mutex_t lock;         /* of what follows */
    const struct auth_curl *curl; /* NULL until the first request: whoever sends none need not load libcurl */
    CURL *idle[POOL_MAX];         /* each with its warm connection */
    size_t idle_count;
};

/* One exchange; curl's callbacks fill the response. */
struct exchange {
    const struct curl_http *http;
    CURL *handle;
    const struct auth_url *url;
    struct auth_http_response *response;
    size_t body_max, error_body_max;
    int64_t stall_ms, mark_ms,
        mark_n; /* so long is waited for so many bytes a second; the last time that they had come */
    bool is_too_big;
    bool is_stalled;
    bool has_begun;       /* the status line came */
    bool is_refused;      /* an address was not connected to */
    bool is_off_loopback; /* because the URL's name promised loopback, and plain http may go nowhere else */
    enum auth_address_kind refused;
};

/* ---- callbacks ---- */

/* Before the first byte of a body: the status is known now. */
static void limit_error_body(struct exchange *x)
{
    long status = 0;
    if (x->response->body.n || !x->error_body_max ||
        x->http->curl->easy_getinfo(x->handle, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status < 400)
        return;
    x->body_max = x->error_body_max;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct exchange *x = ctx;
    size_t n = size * count;
    limit_error_body(x);
    /* CURLOPT_MAXFILESIZE does not bound a body without Content-Length (measured), so it is counted here */
    if (x->response->body.n + n > x->body_max) {
        x->is_too_big = true;
        return 0;
    }
    auth_buf_add(&x->response->body, bytes, n);
    return auth_buf_ok(&x->response->body) ? n : 0;
}

/* As text, and not by curl_easy_header(): a scripted transport has headers too, and no curl. */
static void add_header(struct auth_buf *headers, struct auth_view line)
{
    size_t colon = auth_view_find(line, ':');
    if (colon == line.n)
        return;
    for (size_t i = 0; i < colon; i++) {
        char c = line.p[i];
        auth_buf_add_char(headers, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
    }
    auth_buf_add_string(headers, ": ");
    auth_buf_add_view(headers, auth_view_trim(auth_view_from(line, colon + 1)));
    auth_buf_add_char(headers, '\n');
}

static size_t take_header(char *bytes, size_t size, size_t count, void *ctx)
{
    struct exchange *x = ctx;
    struct auth_view line = auth_view_bytes(bytes, size * count);
    x->has_begun = true;
    if (auth_view_starts(line, "HTTP/"))
        auth_buf_reset(&x->response->headers); /* a 100 Continue came before the real answer */
    else
        add_header(&x->response->headers, line);
    if (auth_buf_ok(&x->response->headers))
        return line.n;
    x->is_too_big = true;
    return 0;
}

/* ---- which addresses ---- */

/* Called with the very address that is about to be connected to, so odd spellings, and a name that resolves differently the
 * second time, gain nothing. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct exchange *x = ctx;
    enum auth_address_kind kind = auth_address_kind(&address->addr);
    bool is_plain_loopback = !x->url->is_https && auth_url_is_loopback(x->url);
    (void)purpose;
    x->is_off_loopback = is_plain_loopback && kind != AUTH_ADDRESS_LOOPBACK;
    if (x->is_off_loopback || !(x->http->options.reach >> kind & 1U)) {
        x->is_refused = true;
        x->refused = kind;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(address->family, address->socktype, address->protocol);
    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

/* Does the answer come too slowly, or not at all? */
static bool is_stalled(struct exchange *x, int64_t received_n)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_ms = env->steady_ms(env->ctx);
    if ((received_n - x->mark_n) * 1000 >= x->stall_ms * AUTH_HTTP_RATE_MIN) {
        x->mark_n = received_n;
        x->mark_ms = now_ms;
    }
    return now_ms - x->mark_ms > x->stall_ms;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t upload_total, curl_off_t upload)
{
    struct exchange *x = ctx;
    (void)total, (void)upload_total, (void)upload;
    x->is_stalled = x->stall_ms && is_stalled(x, (int64_t)now);
    return x->is_stalled || (x->http->options.is_cancelled && atomic_load(x->http->options.is_cancelled));
}

/* ---- the pool ----
 *
 * Handles and not a curl_share: libcurl documents that threads which run at the same time may not share connections by one. */

static enum auth_rc take_handle(struct curl_http *http, CURL **handle, struct auth_err *err)
{
    *handle = NULL;
    pthread_mutex_lock(&http->lock);
    if (!http->curl)
        http->curl = auth_curl_get(err);
    bool has_curl = http->curl != NULL;
    if (http->idle_count)
        *handle = http->idle[--http->idle_count];
    pthread_mutex_unlock(&http->lock);
    if (!has_curl)
        return AUTH_E_CONFIG;
    if (*handle)
        http->curl->easy_reset(*handle);
    else
        *handle = http->curl->easy_init();
    return *handle ? AUTH_OK : auth_err_no_memory(err);
}

static void give_handle(struct curl_http *http, CURL *handle)
{
    pthread_mutex_lock(&http->lock);
    bool is_kept = http->idle_count < POOL_MAX;
    if (is_kept)
        http->idle[http->idle_count++] = handle;
    pthread_mutex_unlock(&http->lock);
    if (!is_kept)
        http->curl->easy_cleanup(handle);
}

/* ---- a request ---- */

static bool is_header_safe(struct auth_view value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\r' || value.p[i] == '\n' || value.p[i] == '\0')
            return false;
    }
    return true;
}

static enum auth_rc make_headers(const struct auth_curl *curl, const struct auth_http_request *request,
                                 struct curl_slist **list, struct auth_err *err)
{
    struct auth_buf line;
    enum auth_rc rc = AUTH_OK;
    *list = curl->slist_append(NULL, "Expect:"); /* no 100-continue: some gateways in front of EHRs choke on it */
    auth_buf_init_secret(&line, 64 * 1024);
    for (size_t i = 0; i < request->header_count && rc == AUTH_OK; i++) {
        if (!is_header_safe(request->headers[i].value)) {
            rc = auth_err_set(err, AUTH_E_ARG, "the %s header would hold a line break", request->headers[i].name);
            break;
        }
        auth_buf_reset(&line);
        auth_buf_add_string(&line, request->headers[i].name);
        auth_buf_add_string(&line, ": ");
        auth_buf_add_view(&line, request->headers[i].value);
        struct curl_slist *longer = auth_buf_ok(&line) ? curl->slist_append(*list, line.p) : NULL;
        if (longer)
            *list = longer;
        else
            rc = auth_err_no_memory(err);
    }
    auth_buf_clear(&line);
    return *list ? rc : auth_err_no_memory(err);
}

static void free_headers(const struct auth_curl *curl, struct curl_slist *list)
{
    for (struct curl_slist *item = list; item; item = item->next)
        auth_wipe(item->data, strlen(item->data)); /* Authorization */
    curl->slist_free_all(list);
}

static bool set_always(const struct curl_http *http, CURL *handle)
{
    static const struct {
        CURLoption option;
        long value;
    } rows[] = {
        {CURLOPT_FOLLOWLOCATION, 0L}, {CURLOPT_NETRC, (long)CURL_NETRC_IGNORED},           {CURLOPT_NOSIGNAL, 1L},
        {CURLOPT_HTTP09_ALLOWED, 0L}, {CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2},
    };
    bool ok = http->curl->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    for (size_t i = 0; ok && i < sizeof rows / sizeof *rows; i++)
        ok = http->curl->easy_setopt(handle, rows[i].option, rows[i].value) == CURLE_OK;
    return ok;
}

static bool set_callbacks(const struct curl_http *http, CURL *handle, struct exchange *x)
{
    const struct auth_curl *curl = http->curl;
    bool ok = curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_WRITEDATA, x) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_HEADERDATA, x) == CURLE_OK;
    if (ok)
        ok = curl->easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
             curl->easy_setopt(handle, CURLOPT_OPENSOCKETDATA, x) == CURLE_OK;
    if (ok && (http->options.is_cancelled || x->stall_ms))
        ok = curl->easy_setopt(handle, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
             curl->easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
             curl->easy_setopt(handle, CURLOPT_XFERINFODATA, x) == CURLE_OK;
    return ok;
}

static bool set_peer(const struct curl_http *http, CURL *handle, const struct auth_url *url)
{
    const struct auth_curl *curl = http->curl;
    bool ok = true;
    if (http->user_agent)
        ok = curl->easy_setopt(handle, CURLOPT_USERAGENT, http->user_agent) == CURLE_OK;
    if (ok && http->ca_file)
        ok = curl->easy_setopt(handle, CURLOPT_CAINFO, http->ca_file) == CURLE_OK;
    if (ok && (http->options.reach != AUTH_REACH_ANYWHERE || auth_url_is_loopback(url)))
        ok = curl->easy_setopt(handle, CURLOPT_NOPROXY, "*") == CURLE_OK;
    return ok;
}

static int64_t timeout_of(const struct curl_http *http, const struct auth_http_request *request)
{
    if (request->timeout_ms)
        return request->timeout_ms;
    return http->options.timeout_ms ? http->options.timeout_ms : 30000;
}

static bool set_request(const struct curl_http *http, CURL *handle, const struct auth_http_request *request,
                        struct curl_slist *headers)
{
    const struct auth_curl *curl = http->curl;
    int64_t connect_ms = http->options.connect_timeout_ms ? http->options.connect_timeout_ms : 10000;
    int64_t whole_ms = request->transfer_ms ? request->transfer_ms : timeout_of(http, request);
    bool ok = curl->easy_setopt(handle, CURLOPT_URL, request->url) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)whole_ms) == CURLE_OK;
    bool is_post = strcmp(request->method, "POST") == 0;
    if (ok && (is_post || request->body.n))
        ok = curl->easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n) == CURLE_OK &&
             curl->easy_setopt(handle, CURLOPT_POSTFIELDS, request->body.n ? request->body.p : "") == CURLE_OK;
    if (ok && strcmp(request->method, "HEAD") == 0) /* else it waits for the body that the length promises */
        ok = curl->easy_setopt(handle, CURLOPT_NOBODY, 1L) == CURLE_OK;
    else if (ok && !is_post && (request->body.n || strcmp(request->method, "GET") != 0))
        ok = curl->easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
    return ok;
}

static bool set_options(CURL *handle, const struct curl_http *http, const struct auth_http_request *request,
                        struct curl_slist *headers, struct exchange *x)
{
    return set_always(http, handle) && set_callbacks(http, handle, x) && set_peer(http, handle, x->url) &&
           set_request(http, handle, request, headers);
}

static enum auth_rc explain(CURLcode code, const struct exchange *x, const struct auth_url *url, struct auth_err *err)
{
    const struct auth_curl *curl = x->http->curl;
    int host_n = (int)(url->host.n < 100 ? url->host.n : 100);
    const char *text = curl->easy_strerror(code);
    if (x->is_too_big)
        return auth_err_set(err, AUTH_E_TOO_BIG, "%.*s sent more than %zu bytes", host_n, url->host.p, x->body_max);
    if (x->is_refused)
        return auth_err_set(err, AUTH_E_ORIGIN, "%.*s is at an address that is %s%s, and is not connected to", host_n,
                            url->host.p, x->is_off_loopback ? "off loopback: " : "",
                            auth_address_kind_text(x->refused));
    switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_OPERATION_TIMEDOUT:
        if (x->response->body.n)
            return auth_err_set(err, AUTH_E_TIMEOUT, "%.*s %s after %zu bytes", host_n, url->host.p,
                                x->is_stalled ? "stopped sending, or nearly so,"
                                              : "was still sending when time was up,",
                                x->response->body.n);
        return auth_err_set(err, AUTH_E_TIMEOUT, "%.*s did not answer in time", host_n, url->host.p);
    case CURLE_PEER_FAILED_VERIFICATION:
        return auth_err_set(err, AUTH_E_TLS, "%.*s: its TLS certificate is not trusted (%s)", host_n, url->host.p,
                            text);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
        return auth_err_set(err, AUTH_E_TLS, "%.*s: TLS failed (%s)", host_n, url->host.p, text);
    case CURLE_OUT_OF_MEMORY: /* also what libcurl says about one header of more than 100 KiB */
        if (x->has_begun)
            return auth_err_set(err, AUTH_E_TOO_BIG, "%.*s sent a header too long to hold", host_n, url->host.p);
        return auth_err_no_memory(err);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return auth_err_set(err, AUTH_E_PROTOCOL, "%.*s did not answer in HTTP (%s)", host_n, url->host.p, text);
    default:
        return auth_err_set(err, AUTH_E_NETWORK, "%.*s port %u: %s", host_n, url->host.p, url->port, text);
    }
}

static enum auth_rc perform(struct curl_http *http, CURL *handle, const struct auth_http_request *request,
                            const struct auth_url *url, struct exchange *x, struct auth_err *err)
{
    struct curl_slist *headers = NULL;
    const struct auth_env *env = auth_env_system();
    long status = 0;
    x->handle = handle;
    x->stall_ms = request->transfer_ms ? timeout_of(http, request) : 0;
    x->mark_ms = env->steady_ms(env->ctx);
    enum auth_rc rc = make_headers(http->curl, request, &headers, err);
    if (rc == AUTH_OK && !set_options(handle, http, request, headers, x))
        rc = auth_err_set(err, AUTH_E_NOMEM, "libcurl refused its options");
    CURLcode code = rc == AUTH_OK ? http->curl->easy_perform(handle) : CURLE_OK;
    if (rc == AUTH_OK && code != CURLE_OK)
        rc = explain(code, x, url, err);
    if (rc == AUTH_OK && http->curl->easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        x->response->status = (int)status;
    free_headers(http->curl, headers);
    return rc;
}

static enum auth_rc curl_send(struct auth_http *base, const struct auth_http_request *request,
                              struct auth_http_response *response, struct auth_err *err)
{
    struct curl_http *http = (struct curl_http *)base;
    struct auth_url url;
    struct exchange x = {.http = http,
                         .url = &url,
                         .response = response,
                         .body_max = request->body_max ? request->body_max : BODY_DEFAULT,
                         .error_body_max = request->error_body_max};
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, HEADERS_MAX_N);
    auth_buf_init_secret(&response->body, x.body_max);
    enum auth_rc rc = auth_url_parse(auth_view_from_string(request->url), &url, err);
    if (rc != AUTH_OK)
        return rc;
    if (!url.is_https && !auth_url_is_loopback(&url) && !http->options.allow_plain_http)
        return auth_err_set(err, AUTH_E_ORIGIN, "plain http:// to %.*s would show the credentials to the network",
                            (int)(url.host.n < 100 ? url.host.n : 100), url.host.p);
    CURL *handle = NULL;
    rc = take_handle(http, &handle, err);
    if (rc != AUTH_OK)
        return rc;
    rc = perform(http, handle, request, &url, &x, err);
    give_handle(http, handle);
    struct auth_view date = auth_http_response_header(response, "date");
    if (rc == AUTH_OK && !auth_time_parse_http(date, &response->date_s))
        response->date_s = 0;
    return rc;
}

/* ---- life ---- */

static void curl_free_http(struct auth_http *base)
{
    struct curl_http *http = (struct curl_http *)base;
    for (size_t i = 0; i < http->idle_count; i++)
        http->curl->easy_cleanup(http->idle[i]);
    pthread_mutex_destroy(&http->lock);
    free(http->ca_file);
    free(http->user_agent);
    free(http);
}

enum auth_rc auth_http_new(const struct auth_http_options *options, struct auth_http **out, struct auth_err *err)
{
    struct auth_buf probe;
    auth_buf_init(&probe, 16 * 1024 * 1024);
    enum auth_rc rc = options->ca_file ? auth_file_read(options->ca_file, &probe, err) : AUTH_OK;
    auth_buf_clear(&probe);
    if (rc != AUTH_OK)
        return AUTH_E_CONFIG;
    struct curl_http *http = calloc(1, sizeof *http);
    if (!http)
        return auth_err_no_memory(err);
    http->base = (struct auth_http){.send = curl_send, .free = curl_free_http};
    http->options = *options;
    http->options.reach = options->reach ? options->reach : AUTH_REACH_ANYWHERE;
    /* libcurl itself does not look at SSL_CERT_FILE: its own default bundle hides it from OpenSSL */
    const char *ca_file = options->ca_file ? options->ca_file : getenv("SSL_CERT_FILE");
    http->ca_file = ca_file && *ca_file ? auth_view_dup(auth_view_from_string(ca_file)) : NULL;
    http->user_agent = options->user_agent ? auth_view_dup(auth_view_from_string(options->user_agent)) : NULL;
    pthread_mutex_init(&http->lock, NULL);
    *out = &http->base;
    return AUTH_OK;
}

void auth_http_free(struct auth_http *http)
{
    if (http)
        http->free(http);
}

void auth_http_response_clear(struct auth_http_response *response)
{
    auth_buf_clear(&response->headers);
    auth_buf_clear(&response->body);
    response->status = 0;
}

struct auth_view auth_http_response_header(const struct auth_http_response *response, const char *name)
{
    struct auth_view rest = auth_buf_view(&response->headers);
    while (rest.n) {
        struct auth_view value = auth_view_split(&rest, '\n');
        if (auth_view_equals(auth_view_split(&value, ':'), name))
            return auth_view_trim(value);
    }
    return auth_view_from_string("");
}
