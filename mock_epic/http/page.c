/* The frame of a page. */
#include "mock_epic/http/page.h"

static const char head[] = "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>\n"
                           "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n<title>";
static const char style[] =
    "</title>\n<style>\n"
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1c2733;background:#fff}\n"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}\n"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;"
    "border-bottom:1px solid #dde3e9}\n"
    "code{font:.875em ui-monospace,monospace;overflow-wrap:anywhere}.m{color:#0a5c8c;font-weight:600}.e{color:#5b6773}\n"
    "a{color:#0a5c8c}th{font-size:.8rem;color:#5b6773;font-weight:600}\n"
    "@media(prefers-color-scheme:dark){body{color:#e4e9ee;background:#14191f}td,th{border-color:#333d47}"
    "a,.m{color:#6cc0f0}.e,th{color:#9aa6b2}}\n";
static const char heading[] = "</style></head><body>\n<h1>";

void mock_page_text(struct auth_buf *out, struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        switch (text.p[i]) {
        case '&':
            auth_buf_add_string(out, "&amp;");
            break;
        case '<':
            auth_buf_add_string(out, "&lt;");
            break;
        case '>':
            auth_buf_add_string(out, "&gt;");
            break;
        case '"':
            auth_buf_add_string(out, "&quot;");
            break;
        default:
            auth_buf_add_char(out, text.p[i]);
        }
    }
}

void mock_page_begin(struct auth_buf *out, const char *title, const char *more)
{
    struct auth_view text = auth_view_from_string(title);
    auth_buf_add_string(out, head);
    mock_page_text(out, text);
    auth_buf_add_string(out, style);
    auth_buf_add_string(out, more);
    auth_buf_add_string(out, heading);
    mock_page_text(out, text);
    auth_buf_add_string(out, "</h1>\n");
}

void mock_page_end(struct auth_buf *out)
{
    auth_buf_add_string(out, "</body></html>");
}
