/* One walk over pattern and text, going back to the last star where they part. */
#include "mock_epic/http/pattern.h"

/* Whether a text fits a pattern in which '*' stands for anything. */
static bool fits_pattern(struct auth_view pattern, struct auth_view text)
{
    size_t p = 0, t = 0, star = pattern.n, from = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.n && pattern.p[p] == text.p[t]) {
            p++;
            t++;
        } else if (star < pattern.n) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* "Patient/x*" may stand behind any slash. */
bool mock_pattern_fits_path(struct auth_view pattern, struct auth_view path)
{
    if (pattern.p[0] == '/' || pattern.p[0] == '*')
        return fits_pattern(pattern, path);
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '/' && fits_pattern(pattern, auth_view_from(path, i + 1)))
            return true;
    }
    return false;
}
