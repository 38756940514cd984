/* What run --faketime and the programs that it reaches share: one page, mapped from a file that run makes and removes. The server's
 * clock as a line: at that real time it showed this, and goes on at that rate. Written by one, read by any number without a
 * lock: a reader that met a change (odd, or another number afterwards) looks again. */
#ifndef MOCK_EPIC_FAKETIME_SHARED_H
#define MOCK_EPIC_FAKETIME_SHARED_H

#include <stdatomic.h>
#include <stdint.h>

#define MOCK_FAKETIME_VARIABLE                                                                                         \
    "MOCKEPIC_WALL_CLOCK" /* the file's path; no option's, so run and serve do not take it for one */
#define MOCK_FAKETIME_MAGIC 0x6b6c6331U

struct mock_faketime {
    uint32_t magic;
    _Atomic uint32_t change;          /* odd while it is written */
    _Atomic int64_t real_us, fake_us; /* since the epoch */
    _Atomic double rate;              /* 0: frozen */
};

#endif
