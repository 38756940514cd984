/* Names, what separates them from their values, and values. */
#include "conformance/linter/loose_text.h"

#include <string.h>

#include "auth/core/form.h"

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* ---- what stands between a name and its value ---- */

static const char between[] = " \t\r\n\"'`:=>,(){}[]|\\";

/* Words that name a value: "key": "client_assertion", "value": "..." of collections; Value: of Wireshark. */
static bool skip_word(struct auth_view *rest)
{
    static const char *const words[] = {
        "value", "Value", "Key: client_assertion_type", "Key: client_assertion", "Key: grant_type", "Key: scope"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (auth_view_starts(*rest, words[i]) && !(rest->n > n && is_word(rest->p[n]))) {
            *rest = auth_view_from(*rest, n);
            return true;
        }
    }
    return false;
}

static struct auth_view skip_between(struct auth_view rest)
{
    do {
        while (rest.n && memchr(between, rest.p[0], sizeof between - 1))
            rest = auth_view_from(rest, 1);
    } while (skip_word(&rest));
    return rest;
}

static struct auth_view value_at(struct auth_view rest)
{
    static const char ends[] = " \t\r\n\"'`&,;<>(){}[]|\\";
    size_t n = 0;
    while (n < rest.n && !memchr(ends, rest.p[n], sizeof ends - 1))
        n++;
    return auth_view_bytes(rest.p, n);
}

/* ---- names ---- */

/* The next whole word `name` at or behind *cursor; what follows it. False when there is none. */
static bool next_name(struct auth_view text, const char *name, size_t *cursor, struct auth_view *behind)
{
    size_t n = strlen(name);
    while (*cursor < text.n) {
        size_t at = *cursor + auth_view_find_text(auth_view_from(text, *cursor), name);
        if (at >= text.n)
            return false;
        *cursor = at + n;
        *behind = auth_view_from(text, at + n);
        if (!(at && is_word(text.p[at - 1])) && !(behind->n && is_word(behind->p[0])))
            return true;
    }
    return false;
}

struct found {
    struct auth_view value;
    bool is_form; /* name=value, percent-encoded */
};

/* The first value of that name which holds `part`. */
static bool find_value(struct auth_view text, const char *name, const char *part, struct found *found)
{
    struct auth_view behind;
    for (size_t cursor = 0; next_name(text, name, &cursor, &behind);) {
        found->is_form =
            auth_view_starts(behind, "=") && behind.n > 1 && !memchr(between, behind.p[1], sizeof between - 1);
        found->value = value_at(skip_between(behind));
        if (found->value.n && auth_view_contains(found->value, part))
            return true;
    }
    return false;
}

bool conf_loose_is_request(struct auth_view text)
{
    struct found found;
    return find_value(text, "client_assertion", "ey", &found);
}

/* ---- the request ---- */

static void add_field(struct conf_capture *capture, const char *name, const struct found *found)
{
    struct auth_buf plain;
    auth_buf_init_secret(&plain, CONF_CAPTURE_MAX_N);
    struct auth_view value = found->value;
    if (found->is_form && auth_form_unescape(&plain, value, NULL) == AUTH_OK)
        value = auth_buf_view(&plain);
    conf_capture_add_field(capture, auth_view_from_string(name), value);
    auth_buf_clear(&plain);
}

/* The URL of a token endpoint, or the pseudo headers of HTTP/2. */
static void take_url(struct auth_view text, struct conf_capture *capture)
{
    static const char *const schemes[] = {"https://", "http://"};
    struct found host, path;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct auth_view rest = text;
        while ((rest = auth_view_from(rest, auth_view_find_text(rest, schemes[i]))).n) {
            struct auth_view url = value_at(rest);
            if (auth_view_contains(url, "/token")) {
                conf_capture_set_url(capture, url);
                return;
            }
            rest = auth_view_from(rest, strlen(schemes[i]));
        }
    }
    if (!find_value(text, ":authority", ".", &host) || !find_value(text, ":path", "/", &path))
        return;
    struct auth_buf url;
    auth_buf_init(&url, CONF_CAPTURE_MAX_N);
    auth_buf_add_string(&url, "https://");
    auth_buf_add_view(&url, host.value);
    auth_buf_add_view(&url, path.value);
    conf_capture_set_url(capture, auth_buf_view(&url));
    auth_buf_clear(&url);
}

void conf_loose_read(struct auth_view text, struct conf_capture *capture)
{
    static const struct {
        const char *name, *part;
    } rows[] = {{"grant_type", ""}, {"client_assertion_type", ""}, {"client_assertion", "ey"}, {"scope", "system"}};
    struct found found;
    bool is_json = auth_view_contains(text, "application/json") && !auth_view_contains(text, "x-www-form-urlencoded");
    auth_buf_add_string(&capture->method, "POST");
    auth_buf_add_string(&capture->content_type, is_json ? "application/json" : "application/x-www-form-urlencoded");
    take_url(text, capture);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (find_value(text, rows[i].name, rows[i].part, &found))
            add_field(capture, rows[i].name, &found);
    }
    conf_capture_note(capture,
                      "text of no kind that is known here: its parameters were taken out of it; that they are posted, "
                      "as a form and nothing else, is taken for granted");
}
