/* Reading Accept, and asking it. */
#include "mock_epic/http/accept.h"

#include <string.h>

/* Cut off the part before the first separator outside quotes; quoted-string is RFC 9110 5.6.4. */
static struct auth_view cut(struct auth_view *rest, char separator)
{
    bool is_quoted = false;
    if (auth_view_find(*rest, '"') == rest->n) /* as nearly always */
        return auth_view_trim(auth_view_split(rest, separator));
    for (size_t i = 0; i < rest->n; i++) {
        char c = rest->p[i];
        if (is_quoted && c == '\\')
            i++;
        else if (c == '"')
            is_quoted = !is_quoted;
        else if (c == separator && !is_quoted) {
            struct auth_view part = auth_view_bytes(rest->p, i);
            *rest = auth_view_bytes(rest->p + i + 1, rest->n - i - 1);
            return auth_view_trim(part);
        }
    }
    struct auth_view part = *rest;
    *rest = auth_view_from_string("");
    return auth_view_trim(part);
}

/* "0", "0.5", "1.000": at most three digits behind the point, and nothing above 1. */
static bool read_weight(struct auth_view text, int *weight)
{
    int scale = 1000;
    if (text.n == 0 || text.n > 5 || (text.p[0] != '0' && text.p[0] != '1') || (text.n > 1 && text.p[1] != '.'))
        return false;
    *weight = (text.p[0] - '0') * scale;
    for (size_t i = 2; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        scale /= 10;
        *weight += (text.p[i] - '0') * scale;
    }
    return *weight <= 1000;
}

static void add_one(struct mock_accept *accept, struct auth_view element)
{
    struct auth_view range = cut(&element, ';');
    int weight = 1000;
    unsigned parameters = 0;
    while (element.n) {
        struct auth_view value = cut(&element, ';');
        struct auth_view name = auth_view_trim(auth_view_split(&value, '='));
        if (auth_view_equals_nocase(name, "q")) {
            if (!read_weight(auth_view_trim(value), &weight))
                return;
            break;
        }
        parameters += name.n && !auth_view_equals_nocase(name, "charset");
    }
    if (range.n == 0)
        return;
    accept->ranges[accept->count].range = range;
    accept->ranges[accept->count].weight = weight;
    accept->ranges[accept->count++].parameters = parameters;
}

void mock_accept_add(struct mock_accept *accept, struct auth_view list)
{
    while (list.n && accept->count < MOCK_ACCEPT_RANGES_MAX)
        add_one(accept, cut(&list, ','));
}

void mock_accept_of(const struct mock_request *request, struct mock_accept *accept)
{
    accept->count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        if (auth_view_equals_nocase(request->headers[i].name, "accept"))
            mock_accept_add(accept, request->headers[i].value);
    }
}

/* How exactly a range names the type: 0 not at all, then any type, any of its kind, the type, each parameter of it. */
static unsigned exactness(const struct mock_accept *accept, size_t i, struct auth_view type)
{
    struct auth_view range = accept->ranges[i].range;
    size_t slash = auth_view_find(type, '/');
    if (auth_view_equals_view_nocase(range, type))
        return 3 + accept->ranges[i].parameters;
    if (slash == type.n || auth_view_find(type, ' ') < type.n)
        return 0; /* a word of _format, which no wildcard means */
    if (auth_view_equals(range, "*/*"))
        return 1;
    bool is_kind = range.n == slash + 2 && auth_view_ends(range, "/*") &&
                   auth_view_equals_view_nocase(auth_view_bytes(range.p, slash), auth_view_bytes(type.p, slash));
    return is_kind ? 2 : 0;
}

int mock_accept_weight(const struct mock_accept *accept, const char *type, size_t *position)
{
    struct auth_view wanted = auth_view_from_string(type);
    unsigned best = 0;
    int weight = -1;
    for (size_t i = 0; i < accept->count; i++) {
        unsigned exact = exactness(accept, i, wanted);
        if (exact == 0 || exact < best || (exact == best && accept->ranges[i].weight <= weight))
            continue;
        best = exact;
        weight = accept->ranges[i].weight;
        *position = i;
    }
    return weight;
}
