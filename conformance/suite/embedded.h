/* Files that are compiled in: the cases, "area/id.json" of conformance/cases, and public test keys of fixtures/keys. */
#ifndef CONFORMANCE_SUITE_EMBEDDED_H
#define CONFORMANCE_SUITE_EMBEDDED_H

#include <stddef.h>

struct conf_embedded_file {
    const char *name;          /* "token/n_exp_window_301_ahead.json" */
    const unsigned char *data; /* one NUL follows the n bytes */
    size_t n;
};

/* The last one is followed by one whose name is NULL. */
extern const struct conf_embedded_file conf_case_files[];
extern const size_t conf_case_files_count;
extern const struct conf_embedded_file conf_test_key_files[];
extern const size_t conf_test_key_files_count;

#endif
