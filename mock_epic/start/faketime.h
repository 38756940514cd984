/* run --faketime: the command sees the server's wall clock, and goes on seeing it when /mock/clock changes that.
 *
 * By a library of our own (mock_epic/faketime/), which moves the wall clock and nothing else, or, asked for as "lib", by
 * Debian's libfaketime, which knows no rate. */
#ifndef MOCK_EPIC_START_FAKETIME_H
#define MOCK_EPIC_START_FAKETIME_H

#include "mock_epic/faketime/shared.h"
#include "mock_epic/start/temporary.h"
#include "mock_epic/start/variables.h"
#include "mock_epic/state/clock.h"

/* In the order of the option's words. */
enum mock_faketime_kind { MOCK_FAKETIME_NONE, MOCK_FAKETIME_OWN, MOCK_FAKETIME_LIB };

struct mock_faketime_run {
    struct mock_clock *clock;     /* NULL: not begun */
    struct mock_faketime *shared; /* OWN: the mapped file */
    int fd;                       /* LIB: the file that libfaketime reads; else -1 */
};

/* Tie the command's time to the clock, and set what it needs in its environment. End it in every case.
 * rc   AUTH_E_CONFIG: the command cannot be reached, or the library is not there; AUTH_E_IO; detail says which */
AUTH_MUST_CHECK enum auth_rc mock_faketime_begin(struct mock_faketime_run *run, enum mock_faketime_kind kind,
                                                 const char *command, struct mock_clock *clock,
                                                 struct mock_temporary *temporary, struct mock_variables *variables,
                                                 struct auth_err *err);
void mock_faketime_end(struct mock_faketime_run *run);

#endif
