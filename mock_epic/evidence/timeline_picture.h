/* Inside the evidence only: the picture of a page, as SVG. */
#ifndef MOCK_EPIC_EVIDENCE_TIMELINE_PICTURE_H
#define MOCK_EPIC_EVIDENCE_TIMELINE_PICTURE_H

#include "mock_epic/evidence/timeline_rows.h"

/* One lane each for requests, faults and moves of the clock, and one for each of the first tokens; a row is a step to the right.
 * in   shown  entries that the verdict names: marked
 * What is in it is in the table below it, too. */
void mock_timeline_write_picture(const struct mock_timeline_rows *rows, const uint64_t *shown, size_t shown_count,
                                 struct auth_buf *out);

#endif
