/* The hints as a table. */
#include "mock_epic/epic/hints.h"

static const char *const texts[MOCK_HINTS] = {
    "Accept names no format of FHIR, which */* is not: Epic answers XML; send Accept: application/fhir+json",
    "Epic does not sort: _sort was ignored, and the order is not what was asked for",
    "a parameter that Epic does not know was ignored: what was found may be more than was asked for",
    "the last entry is an OperationOutcome and no match, as mostly at Epic: look at search.mode",
    "a page with fewer entries than _count has a next link: Epic filters afterwards; follow the links, count no entries",
    "total is what this page holds, and there are more: follow the next link, or ask with _summary=count",
};

const char *mock_hint_text(int number)
{
    return texts[number];
}
