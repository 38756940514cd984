/* For fuzz targets: a property that must hold for every input, and the entry point.
 *
 * Not assert(): that one is compiled away in releases, and says nothing of the input. */
#ifndef AUTH_CORE_FUZZ_MUST_H
#define AUTH_CORE_FUZZ_MUST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(property)                                                                                                 \
    do {                                                                                                               \
        if (!(property)) {                                                                                             \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #property);                              \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#endif
