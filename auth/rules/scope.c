/* Scopes: read, narrowed, covered. */
#include "auth/rules/scope.h"

#include <string.h>

static const char letter_order[] = "cruds"; /* bit i is letter i */

enum {
    V1_READ = AUTH_SCOPE_READ | AUTH_SCOPE_SEARCH,
    V1_WRITE = AUTH_SCOPE_CREATE | AUTH_SCOPE_UPDATE | AUTH_SCOPE_DELETE
};

/* ---- one entry ---- */

static unsigned letters_of_v1(struct auth_view word)
{
    if (auth_view_equals(word, "read"))
        return V1_READ;
    if (auth_view_equals(word, "write"))
        return V1_WRITE;
    return auth_view_equals(word, "*") ? V1_READ | V1_WRITE : 0;
}

/* 0 when the word is not one or more of the letters in their order. */
static unsigned letters_of(struct auth_view word)
{
    unsigned letters = 0;
    size_t next = 0;
    for (size_t i = 0; i < word.n; i++) {
        const char *found = word.p[i] ? strchr(letter_order + next, word.p[i]) : NULL;
        if (!found)
            return 0;
        letters |= 1U << (found - letter_order);
        next = (size_t)(found - letter_order) + 1;
    }
    return letters;
}

static bool is_context(struct auth_view context)
{
    return auth_view_equals(context, "system") || auth_view_equals(context, "patient") ||
           auth_view_equals(context, "user");
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_type(struct auth_view type)
{
    if (auth_view_equals(type, "*"))
        return true;
    for (size_t i = 1; i < type.n; i++) {
        if (!is_capital(type.p[i]) && !(type.p[i] >= 'a' && type.p[i] <= 'z'))
            return false;
    }
    return type.n > 0 && is_capital(type.p[0]);
}

/* name=value(&name=value)*, in the characters that a scope may hold (RFC 6749 3.3). */
static bool is_filter(struct auth_view filter)
{
    for (size_t i = 0; i < filter.n; i++) {
        char c = filter.p[i];
        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '\\')
            return false;
    }
    while (filter.n) {
        struct auth_view value = auth_view_split(&filter, '&');
        struct auth_view name = auth_view_split(&value, '=');
        if (!name.n || !value.n)
            return false;
    }
    return true;
}

bool auth_scope_read(struct auth_view text, struct auth_scope *out)
{
    struct auth_view rest = text;
    out->text = text;
    out->context = auth_view_split(&rest, '/');
    out->type = auth_view_split(&rest, '.');
    size_t word_n = auth_view_find(rest, '?');
    bool has_filter = word_n < rest.n;
    out->word = auth_view_bytes(rest.p, word_n);
    out->filter = has_filter ? auth_view_from(rest, word_n + 1) : auth_view_from_string("");
    out->letters = letters_of_v1(out->word);
    out->is_v1 = out->letters != 0;
    if (!out->is_v1)
        out->letters = letters_of(out->word);
    if (!is_context(out->context) || !is_type(out->type) || !out->letters)
        return false;
    return !has_filter || (!out->is_v1 && out->filter.n > 0 && is_filter(out->filter));
}

struct auth_view auth_scope_letters_text(unsigned letters, char text[AUTH_SCOPE_LETTERS_N + 1])
{
    size_t n = 0;
    for (unsigned i = 0; letter_order[i]; i++) {
        if (letters & (1U << i))
            text[n++] = letter_order[i];
    }
    text[n] = '\0';
    return auth_view_bytes(text, n);
}

/* ---- lists ---- */

void auth_scope_list_read(struct auth_view text, struct auth_scope_list *out)
{
    out->count = out->bad_count = 0;
    out->bad = auth_view_from_string("");
    out->is_too_long = false;
    while (text.n) {
        struct auth_view word = auth_view_split(&text, ' ');
        if (word.n == 0)
            continue;
        if (out->count == AUTH_SCOPES_MAX) {
            out->is_too_long = true;
            return;
        }
        if (auth_scope_read(word, &out->items[out->count]))
            out->count++;
        else if (out->bad_count++ == 0)
            out->bad = word;
    }
}

static bool is_any(struct auth_view type)
{
    return auth_view_equals(type, "*");
}

static bool same_kind(const struct auth_scope *a, const struct auth_scope *b)
{
    return auth_view_equals_view(a->context, b->context) &&
           (is_any(a->type) || is_any(b->type) || auth_view_equals_view(a->type, b->type));
}

/* Two filters meet when one is absent or both are the same text. What two different ones have in common is not worked
 * out: nothing, to be on the safe side. */
static bool filters_meet(struct auth_view a, struct auth_view b)
{
    return !a.n || !b.n || auth_view_equals_view(a, b);
}

/* The letters that both have, 0 when they have nothing in common. */
static unsigned common_letters(const struct auth_scope *asked, const struct auth_scope *granted)
{
    if (!same_kind(asked, granted) || !filters_meet(asked->filter, granted->filter))
        return 0;
    return asked->letters & granted->letters;
}

bool auth_scope_meets(const struct auth_scope *asked, const struct auth_scope_grant *grant)
{
    for (size_t i = 0; i < grant->count; i++) {
        if (common_letters(asked, &grant->items[i]))
            return true;
    }
    return false;
}

static bool is_within(const struct auth_scope *granted, const struct auth_scope *asked)
{
    return auth_view_equals_view(asked->context, granted->context) &&
           (is_any(asked->type) || auth_view_equals_view(asked->type, granted->type)) &&
           (!asked->filter.n || auth_view_equals_view(asked->filter, granted->filter));
}

bool auth_scope_covers(const struct auth_scope_list *asked, const struct auth_scope_grant *grant)
{
    for (size_t i = 0; i < asked->count; i++) {
        if (asked->items[i].is_v1)
            return false;
    }
    for (size_t i = 0; i < grant->count; i++) {
        unsigned missing = grant->items[i].letters;
        for (size_t k = 0; k < asked->count && missing; k++) {
            if (is_within(&grant->items[i], &asked->items[k]))
                missing &= ~asked->items[k].letters;
        }
        if (missing)
            return false;
    }
    return true;
}

/* ---- narrowing ---- */

/* Where the answer goes; without a buffer it is only measured. */
struct sink {
    struct auth_buf *out;
    size_t n;
};

static void put(struct sink *sink, struct auth_view text)
{
    sink->n += text.n;
    if (sink->out)
        auth_buf_add_view(sink->out, text);
}

static void put_entry(struct sink *sink, const struct auth_scope *asked, const struct auth_scope *granted,
                      unsigned letters)
{
    char letters_text[AUTH_SCOPE_LETTERS_N + 1];
    struct auth_view filter = asked->filter.n ? asked->filter : granted->filter;
    bool keeps_word = asked->is_v1 && letters == asked->letters && !filter.n;
    put(sink, auth_view_from_string(sink->n ? " " : ""));
    put(sink, asked->context);
    put(sink, auth_view_from_string("/"));
    put(sink, is_any(asked->type) ? granted->type : asked->type);
    put(sink, auth_view_from_string("."));
    put(sink, keeps_word ? asked->word : auth_scope_letters_text(letters, letters_text));
    put(sink, auth_view_from_string(filter.n ? "?" : ""));
    put(sink, filter);
}

/* Two entries of one type in a grant that give the same answer to a request, but for letters. */
static bool same_answer(const struct auth_scope *a, const struct auth_scope *b, const struct auth_scope *asked)
{
    return asked->filter.n || auth_view_equals_view(a->filter, b->filter);
}

/* Is the answer to granted entry i part of what an earlier neighbour gave already? */
static bool was_answered(const struct auth_scope *asked, const struct auth_scope_grant *grant, size_t i)
{
    const struct auth_scope *items = grant->items;
    for (size_t k = i; k > 0 && auth_view_equals_view(items[k - 1].type, items[i].type); k--) {
        if (common_letters(asked, &items[k - 1]) && same_answer(&items[i], &items[k - 1], asked))
            return true;
    }
    return false;
}

/* One requested entry: neighbours of the grant that differ in letters alone become one entry of the answer. */
static void narrow_one(const struct auth_scope *asked, const struct auth_scope_grant *grant, struct sink *sink)
{
    const struct auth_scope *items = grant->items;
    for (size_t i = 0; i < grant->count; i++) {
        unsigned letters = common_letters(asked, &items[i]);
        if (!letters || was_answered(asked, grant, i))
            continue;
        for (size_t k = i + 1; k < grant->count && auth_view_equals_view(items[k].type, items[i].type); k++) {
            if (same_answer(&items[i], &items[k], asked))
                letters |= common_letters(asked, &items[k]);
        }
        put_entry(sink, asked, &items[i], letters);
    }
}

static bool was_asked_before(const struct auth_scope_list *asked, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (auth_view_equals_view(asked->items[k].text, asked->items[i].text))
            return true;
    }
    return false;
}

size_t auth_scope_narrow(const struct auth_scope_list *asked, const struct auth_scope_grant *grant,
                         struct auth_buf *out)
{
    struct sink sink = {.out = out};
    for (size_t i = 0; i < asked->count; i++) {
        if (!was_asked_before(asked, i))
            narrow_one(&asked->items[i], grant, &sink);
    }
    return sink.n;
}
