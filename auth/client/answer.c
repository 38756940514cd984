/* What it was that came: a web page, half a text, something compressed. Headers are told, bytes decide. */
#include "auth/client/answer.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/json.h"
#include "auth/core/text.h"

enum { SHOWN_MAX = 200, TYPE_SHOWN_MAX = 80 };

static bool starts_nocase(struct auth_view text, const char *prefix)
{
    size_t n = strlen(prefix);
    return text.n >= n && auth_view_equals_nocase(auth_view_bytes(text.p, n), prefix);
}

static bool is_compressed(const struct auth_http_response *response, struct auth_view body)
{
    static const char *const beginnings[] = {"\x1f\x8b", "\x28\xb5\x2f\xfd"}; /* gzip, zstd */
    struct auth_view encoding = auth_http_response_header(response, "content-encoding");
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (auth_view_starts(body, beginnings[i]))
            return true;
    }
    return encoding.n && !auth_view_equals_nocase(encoding, "identity");
}

static bool is_marked(struct auth_view body)
{
    return auth_view_starts(body, "\xef\xbb\xbf") || auth_view_starts(body, "\xff\xfe") ||
           auth_view_starts(body, "\xfe\xff");
}

static enum auth_answer_kind kind_of_markup(struct auth_view text)
{
    struct auth_view start = auth_view_bytes(text.p, text.n < 1024 ? text.n : 1024);
    for (size_t i = 0; i < start.n; i++) {
        struct auth_view rest = auth_view_from(start, i);
        if (starts_nocase(rest, "<html") || starts_nocase(rest, "<!doctype html"))
            return AUTH_ANSWER_WEB_PAGE;
    }
    return AUTH_ANSWER_XML;
}

struct auth_view auth_answer_raw_string(struct auth_view value)
{
    bool is_string = value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"';
    return is_string ? auth_view_bytes(value.p + 1, value.n - 2) : auth_view_from_string("");
}

static enum auth_rc look_at_json(struct auth_view body, struct auth_answer *answer)
{
    struct auth_err err = {0};
    struct auth_view type;
    enum auth_rc rc = auth_json_check_grammar(body, &err);
    if (rc == AUTH_E_NOMEM)
        return rc;
    if (rc != AUTH_OK) {
        bool is_cut = auth_view_contains(auth_view_from_string(err.detail), "ends too early");
        answer->kind = is_cut ? AUTH_ANSWER_CUT : AUTH_ANSWER_OTHER;
    } else if (auth_json_raw_member(body, "resourceType", &type)) {
        answer->resource_type = auth_answer_raw_string(type);
    }
    return AUTH_OK;
}

enum auth_rc auth_answer_look(const struct auth_http_response *response, struct auth_answer *answer)
{
    struct auth_view body = auth_buf_view(&response->body), text = auth_view_trim(body);
    *answer = (struct auth_answer){.kind = AUTH_ANSWER_JSON};
    if (is_compressed(response, body))
        answer->kind = AUTH_ANSWER_COMPRESSED;
    else if (text.n == 0)
        answer->kind = AUTH_ANSWER_EMPTY;
    else if (is_marked(text))
        answer->kind = AUTH_ANSWER_MARKED;
    else if (auth_view_find(text, '\0') < text.n)
        answer->kind = AUTH_ANSWER_NUL;
    else if (text.p[0] == '<')
        answer->kind = kind_of_markup(text);
    else
        return look_at_json(body, answer);
    return AUTH_OK;
}

/* ---- for people ---- */

void auth_answer_show_url(struct auth_buf *out, const char *url)
{
    size_t n = strcspn(url, "?#");
    auth_text_escape(out, auth_view_bytes(url, n), SHOWN_MAX);
    auth_buf_add_string(out, url[n] ? "?..." : "");
}

static const char *kind_text(enum auth_answer_kind kind)
{
    static const char *const texts[] = {
        [AUTH_ANSWER_JSON] = "JSON",
        [AUTH_ANSWER_EMPTY] = "an empty body",
        [AUTH_ANSWER_CUT] = "JSON that ends too early",
        [AUTH_ANSWER_WEB_PAGE] = "a web page",
        [AUTH_ANSWER_XML] = "XML",
        [AUTH_ANSWER_COMPRESSED] = "compressed bytes, which were not asked for",
        [AUTH_ANSWER_MARKED] = "text behind a byte order mark",
        [AUTH_ANSWER_NUL] = "text with NUL bytes in it",
        [AUTH_ANSWER_OTHER] = "something that is no JSON",
    };
    return texts[kind];
}

void auth_answer_describe(struct auth_buf *out, const char *url, const struct auth_http_response *response,
                          const struct auth_answer *answer)
{
    struct auth_view type = auth_http_response_header(response, "content-type");
    struct auth_view location = auth_http_response_header(response, "location");
    auth_answer_show_url(out, url);
    auth_buf_addf(out, " answered HTTP %d", response->status);
    if (response->status >= 300 && response->status < 400 && location.n) {
        char *target = auth_view_dup(location);
        auth_buf_add_string(out, " and points to ");
        auth_answer_show_url(out, target ? target : "another place");
        free(target);
        return;
    }
    auth_buf_addf(out, " with %s (", kind_text(answer->kind));
    if (type.n)
        auth_text_escape(out, type, TYPE_SHOWN_MAX);
    else
        auth_buf_add_string(out, "no content type");
    auth_buf_addf(out, ", %zu bytes)", response->body.n);
}
