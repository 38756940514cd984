/* Forms and query strings: what is read, written out and read again must be the same fields; and what a field holds is
 * UTF-8 without NUL. The same for a single escaped value. */
#include "auth/core/form.h"
#include "auth/core/fuzz/must.h"
#include "auth/core/text.h"

enum { TEXT_MAX = 1 << 22 };

static bool is_clean(struct auth_view text)
{
    return auth_text_is_utf8(text) && auth_view_find(text, '\0') == text.n;
}

static void check_again(const struct auth_form *form)
{
    struct auth_buf text;
    struct auth_form again;
    auth_buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < form->count; i++)
        auth_form_write(&text, form->fields[i].name, form->fields[i].value);
    MUST(auth_buf_ok(&text));
    MUST(auth_form_parse(auth_buf_view(&text), &again, NULL) == AUTH_OK);
    MUST(again.count == form->count);
    for (size_t i = 0; i < form->count; i++) {
        MUST(auth_view_equals_view(form->fields[i].name, again.fields[i].name));
        MUST(auth_view_equals_view(form->fields[i].value, again.fields[i].value));
    }
    auth_form_clear(&again);
    auth_buf_clear(&text);
}

/* The pairwise duplicate check against a search of our own. */
static void check_duplicates(const struct auth_form *form)
{
    bool has_twins = false;
    for (size_t i = 0; i < form->count; i++) {
        for (size_t j = i + 1; j < form->count; j++)
            has_twins |= auth_view_equals_view(form->fields[i].name, form->fields[j].name);
    }
    bool has_empty_name = false;
    for (size_t i = 0; i < form->count; i++)
        has_empty_name |= form->fields[i].name.n == 0;
    MUST(has_twins ? auth_form_duplicate(form).n > 0 || has_empty_name : auth_form_duplicate(form).n == 0);
}

static void check_unescape(struct auth_view text)
{
    struct auth_buf plain, escaped, again;
    auth_buf_init(&plain, TEXT_MAX);
    auth_buf_init(&escaped, TEXT_MAX);
    auth_buf_init(&again, TEXT_MAX);
    if (auth_form_unescape(&plain, text, NULL) == AUTH_OK) {
        MUST(is_clean(auth_buf_view(&plain)));
        auth_form_escape(&escaped, auth_buf_view(&plain));
        MUST(auth_form_unescape(&again, auth_buf_view(&escaped), NULL) == AUTH_OK);
        MUST(auth_view_equals_view(auth_buf_view(&plain), auth_buf_view(&again)));
    } else {
        MUST(plain.n == 0);
    }
    auth_buf_clear(&plain);
    auth_buf_clear(&escaped);
    auth_buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_form form;
    struct auth_err err = {0};
    struct auth_view text = auth_view_bytes(data, n);
    enum auth_rc rc = auth_form_parse(text, &form, &err);
    MUST((rc == AUTH_OK) == (err.detail[0] == '\0'));
    MUST(form.count <= AUTH_FORM_FIELDS_MAX);
    for (size_t i = 0; i < form.count; i++)
        MUST(is_clean(form.fields[i].name) && is_clean(form.fields[i].value));
    check_duplicates(&form);
    if (rc == AUTH_OK)
        check_again(&form);
    auth_form_clear(&form);
    check_unescape(text);
    return 0;
}
