/* What works here and surprises at Epic: said on stderr once, and in the journal each time. */
#ifndef MOCK_EPIC_EPIC_HINTS_H
#define MOCK_EPIC_EPIC_HINTS_H

/* Bits of a response's hints. */
enum mock_hint {
    MOCK_HINT_NO_ACCEPT = 1,
    MOCK_HINT_SORT = 2,
    MOCK_HINT_IGNORED = 4,
    MOCK_HINT_OUTCOME = 8,
    MOCK_HINT_SHORT_PAGE = 16,
    MOCK_HINT_PAGE_TOTAL = 32
};
enum { MOCK_HINTS = 6 };

/* The text of bit 1 << number, for people. */
const char *mock_hint_text(int number);

#endif
