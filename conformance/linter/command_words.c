/* The words of a command line, one behind the other, whichever shell they are read from. */
#include "conformance/linter/shell_words.h"

void conf_words_put(struct conf_words *words, char c)
{
    auth_buf_add_char(&words->bytes, c);
    words->is_in_word = true;
}

enum auth_rc conf_words_end(struct conf_words *words, struct auth_err *err)
{
    if (!words->is_in_word)
        return AUTH_OK;
    if (words->count == CONF_WORDS_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "a command of more than %d words", CONF_WORDS_MAX);
    words->ends[words->count++] = words->bytes.n;
    words->is_in_word = false;
    return AUTH_OK;
}

struct auth_view conf_words_get(const struct conf_words *words, size_t i)
{
    size_t from = i ? words->ends[i - 1] : 0;
    return auth_view_bytes(words->bytes.p ? words->bytes.p + from : "", words->ends[i] - from);
}

void conf_words_clear(struct conf_words *words)
{
    auth_buf_clear(&words->bytes);
    words->count = 0;
}
