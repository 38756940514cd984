/* How fast resources become XML, and what becomes of them.
 *
 *     bench_xml FILE.ndjson              MB/s of JSON, of CPU time, as one JSON object
 *     bench_xml --print FILE.ndjson      each line's XML, a NUL behind it: for who compares it with somebody else's */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/core/file.h"
#include "mock_epic/xml/xml.h"

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void write_all(struct auth_view rest, bool is_printed)
{
    struct auth_buf xml;
    auth_buf_init(&xml, SIZE_MAX / 2);
    while (rest.n) {
        struct auth_view line = auth_view_split(&rest, '\n');
        auth_buf_reset(&xml);
        if (!auth_view_trim(line).n)
            continue;
        if (auth_json_check(line, NULL) != AUTH_OK || mock_xml_write(line, &xml) != AUTH_OK) {
            fprintf(stderr, "bench_xml: no resource: %.*s\n", (int)(line.n < 80 ? line.n : 80), line.p);
            exit(1);
        }
        if (is_printed)
            fwrite(xml.p, 1, xml.n + 1, stdout);
    }
    auth_buf_clear(&xml);
}

int main(int argc, char **argv)
{
    struct auth_buf text;
    struct auth_err err = {0};
    bool is_printed = argc == 3 && strcmp(argv[1], "--print") == 0;
    if (argc != 2 && !is_printed)
        return 2;
    auth_buf_init(&text, SIZE_MAX / 2);
    if (auth_file_read(argv[argc - 1], &text, &err) != AUTH_OK) {
        fprintf(stderr, "bench_xml: %s\n", err.detail);
        return 3;
    }
    double start = cpu_s();
    write_all(auth_buf_view(&text), is_printed);
    if (!is_printed)
        printf("{\"mb\":%.1f,\"mb_per_s\":%.0f}\n", (double)text.n / 1e6, (double)text.n / 1e6 / (cpu_s() - start));
    auth_buf_clear(&text);
    return 0;
}
