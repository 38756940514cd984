/* Goes through the text tag by tag and remembers which are open. */
#include "mock_epic/xml/xhtml.h"

#include "auth/core/text.h"

enum { DEPTH_MAX = 64, ATTRIBUTES_MAX = 32 }; /* narrative beyond them is taken for no narrative */

struct reading {
    struct auth_view rest;
    struct auth_view open[DEPTH_MAX];
    size_t depth, roots;
};

static bool cut(struct auth_view *rest, const char *prefix)
{
    if (!auth_view_starts(*rest, prefix))
        return false;
    *rest = auth_view_from(*rest, strlen(prefix));
    return true;
}

static bool cut_space(struct auth_view *rest)
{
    size_t n = 0;
    while (n < rest->n && strchr(" \t\r\n", rest->p[n]))
        n++;
    *rest = auth_view_from(*rest, n);
    return n > 0;
}

static bool is_name_byte(char c, bool is_first)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
    return is_letter || (!is_first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

/* Empty: there is none. A prefix that is not XML's own would have to be declared, and nobody does that. */
static struct auth_view cut_name(struct auth_view *rest)
{
    size_t n = auth_view_starts(*rest, "xml:") ? sizeof "xml:" - 1 : 0;
    while (n < rest->n && is_name_byte(rest->p[n], n == 0))
        n++;
    struct auth_view name = auth_view_bytes(rest->p, n);
    *rest = auth_view_from(*rest, n);
    return name;
}

/* Behind "&#": of a character that XML has. */
static bool cut_number(struct auth_view *rest)
{
    uint32_t base = cut(rest, "x") ? 16 : 10, code = 0;
    size_t n = 0;
    for (; n < rest->n && rest->p[n] != ';'; n++) {
        int digit = auth_text_hex_value(rest->p[n]);
        if (digit < 0 || (uint32_t)digit >= base || code > 0x10ffff)
            return false;
        code = code * base + (uint32_t)digit;
    }
    *rest = auth_view_from(*rest, n);
    bool is_control = code < 0x20 && code != '\t' && code != '\n' && code != '\r';
    bool is_none = (code >= 0xd800 && code < 0xe000) || code == 0xfffe || code == 0xffff || code > 0x10ffff;
    return n > 0 && !is_control && !is_none && cut(rest, ";");
}

/* Behind an '&'. */
static bool cut_entity(struct auth_view *rest)
{
    static const char *const known[] = {"amp;", "lt;", "gt;", "quot;", "apos;"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (cut(rest, known[i]))
            return true;
    }
    return cut(rest, "#") && cut_number(rest);
}

/* Up to the closing quotation mark. */
static bool cut_attribute_value(struct auth_view *rest)
{
    if (!rest->n || (rest->p[0] != '"' && rest->p[0] != '\''))
        return false;
    char quote = rest->p[0];
    *rest = auth_view_from(*rest, 1);
    while (rest->n) {
        char c = rest->p[0];
        *rest = auth_view_from(*rest, 1);
        if (c == quote)
            return true;
        if (c == '<' || (c == '&' && !cut_entity(rest)))
            return false;
    }
    return false;
}

static bool cut_attributes(struct auth_view *rest)
{
    struct auth_view names[ATTRIBUTES_MAX];
    for (size_t count = 0; cut_space(rest) && rest->n && rest->p[0] != '/' && rest->p[0] != '>'; count++) {
        if (count == ATTRIBUTES_MAX)
            return false;
        names[count] = cut_name(rest);
        for (size_t i = 0; i < count; i++) {
            if (auth_view_equals_view(names[i], names[count]))
                return false;
        }
        (void)cut_space(rest);
        if (!names[count].n || !cut(rest, "="))
            return false;
        (void)cut_space(rest);
        if (!cut_attribute_value(rest))
            return false;
    }
    return true;
}

/* Behind a '<'. */
static bool cut_tag(struct reading *r)
{
    bool is_end = cut(&r->rest, "/");
    struct auth_view name = cut_name(&r->rest);
    if (is_end) {
        (void)cut_space(&r->rest);
        return r->depth && auth_view_equals_view(r->open[--r->depth], name) && cut(&r->rest, ">");
    }
    bool is_root = r->depth == 0;
    if (is_root && (r->roots++ || !auth_view_equals(name, "div")))
        return false;
    if (!name.n || r->depth == DEPTH_MAX || !cut_attributes(&r->rest))
        return false;
    if (cut(&r->rest, "/>"))
        return true;
    r->open[r->depth++] = name;
    return cut(&r->rest, ">");
}

/* Behind a "<!--": two hyphens end it. */
static bool cut_comment(struct auth_view *rest)
{
    *rest = auth_view_from(*rest, auth_view_find_text(*rest, "--"));
    return cut(rest, "-->");
}

bool mock_xhtml_is_sound(struct auth_view text)
{
    struct reading r = {.rest = auth_view_trim(text)};
    while (r.rest.n) {
        bool ok = true;
        if (cut(&r.rest, "<!--"))
            ok = cut_comment(&r.rest);
        else if (cut(&r.rest, "<"))
            ok = cut_tag(&r);
        else if (r.depth == 0 || auth_view_starts(r.rest, "]]>"))
            ok = false;
        else if (cut(&r.rest, "&"))
            ok = cut_entity(&r.rest);
        else
            r.rest = auth_view_from(r.rest, 1);
        if (!ok)
            return false;
    }
    return r.depth == 0 && r.roots == 1;
}
