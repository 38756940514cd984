/* Candidates taken one by one until the page is full and one more is seen, which shows that there is a next one. */
#include "mock_epic/fhir/page.h"

#include "mock_epic/fhir/bundle.h"

static bool add(struct mock_page *page, uint32_t number)
{
    uint32_t *items = auth_array_fit(page->items, page->count, &page->size, sizeof *items);
    if (!items)
        return false;
    page->items = items;
    page->items[page->count++] = number;
    return true;
}

/* The first position that is not looked at yet, or SIZE_MAX. */
static size_t find_start(struct mock_range range, struct mock_page_start start)
{
    if (start.position == 0 || (start.position <= range.count && range.items[start.position - 1] == start.number))
        return start.position;
    for (size_t at = 0; at < range.count; at++) {
        if (range.items[at] == start.number)
            return at + 1;
    }
    return SIZE_MAX;
}

enum auth_rc mock_page_find(const struct mock_finding *f, struct mock_range range, struct mock_page_start start,
                            struct mock_extent extent, size_t wanted, bool counts, struct mock_page *page)
{
    *page = (struct mock_page){0};
    size_t at = find_start(range, start);
    page->is_lost = at == SIZE_MAX;
    for (; at < range.count && (counts || !page->has_next); at++) {
        uint32_t number = range.items[at];
        bool came_later = at >= extent.candidates && number >= extent.resources;
        if (came_later || !mock_candidate_fits(f, number))
            continue;
        bool is_taken = page->count < wanted, stays = (is_taken || counts) && mock_candidate_stays(f, number);
        page->matched++;
        page->shown += stays;
        if (is_taken && !add(page, stays ? number : number | MOCK_FILTERED_OUT))
            return AUTH_E_NOMEM;
        if (is_taken)
            page->next = (struct mock_page_start){at + 1, number};
        else
            page->has_next = wanted > 0;
    }
    return AUTH_OK;
}
