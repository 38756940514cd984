/* A main() for fuzz targets where libFuzzer is absent: every input under the given paths, each cut short at up to
 * CUTS_MAX lengths, and a fixed number of mutations of each. Deterministic, so that a failure repeats.
 *
 * usage: fuzz_x [FILE|DIR]...       exit 0: nothing crashed; 1: a path could not be read */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { INPUT_MAX = 1 << 20, CUTS_MAX = 128, MUTATIONS = 100, PATH_MAX_N = 4096 };

static size_t input_count;

/* xorshift: any fixed sequence will do, and it must be the same on every machine */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* The input lies in a block of exactly its size, so that a sanitizer sees a read past its end. */
static void run_once(const uint8_t *data, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy)
        abort();
    if (n)
        memcpy(copy, data, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    input_count++;
}

static void run_mutations(uint8_t *data, size_t n)
{
    static const uint8_t telling[] = {0, '"', '\\', '{', '[', '.', '=', '&', '%', 0x80, 0xC0, 0xFF};
    uint32_t state = 0x9E3779B9u ^ (uint32_t)n;
    for (int i = 0; n && i < MUTATIONS; i++) {
        size_t at = next_random(&state) % n;
        uint8_t kept = data[at];
        uint32_t what = next_random(&state);
        uint8_t flipped = (uint8_t)(kept ^ (1u << (what >> 8 & 7)));
        uint8_t told = telling[(what >> 8) % sizeof telling];
        data[at] = (uint8_t)(what & 1 ? flipped : told);
        run_once(data, n);
        data[at] = kept;
    }
}

static int run_file(const char *path)
{
    uint8_t *data = malloc(INPUT_MAX);
    FILE *in = fopen(path, "rb");
    int status = 1;
    if (!data || !in)
        goto out;
    size_t n = fread(data, 1, INPUT_MAX, in);
    if (ferror(in))
        goto out;
    run_once(data, n);
    for (size_t cut = 0; cut < n; cut += n / CUTS_MAX + 1)
        run_once(data, cut);
    run_mutations(data, n);
    status = 0;
out:
    if (status)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    if (in)
        fclose(in);
    free(data);
    return status;
}

static int run_dir(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        perror(path);
        return 1;
    }
    int status = 0;
    for (struct dirent *entry; !status && (entry = readdir(dir));) {
        char file[PATH_MAX_N];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        status = run_file(file);
    }
    closedir(dir);
    return status;
}

int main(int argc, char **argv)
{
    int status = 0;
    run_once(NULL, 0);
    for (int i = 1; i < argc && !status; i++) {
        struct stat st;
        if (stat(argv[i], &st)) {
            perror(argv[i]);
            return 1;
        }
        status = S_ISDIR(st.st_mode) ? run_dir(argv[i]) : run_file(argv[i]);
    }
    if (input_count < 2) {
        fputs("no seeds: a fuzz target without a corpus tests nothing\n", stderr);
        status = 1;
    }
    printf("%zu inputs\n", input_count);
    return status;
}
