/* All entries of one kind, copied: what a store held at a moment, to be put back. */
#ifndef MOCK_EPIC_STORE_IMAGE_H
#define MOCK_EPIC_STORE_IMAGE_H

#include "mock_epic/store/store.h"

struct mock_store_image {
    struct auth_buf records;
    size_t count;
};

struct mock_store_record {
    struct mock_store_key key;
    struct auth_view value; /* borrowed from the image */
    int64_t until_s;
};

/* in   bytes_max  the most that it may take
 * out  image      init by this call; clear it in every case
 * rc   AUTH_E_TOO_BIG, AUTH_E_NOMEM, what the store answers */
AUTH_MUST_CHECK enum auth_rc mock_store_image_take(struct mock_store *store, enum mock_store_kind kind,
                                                   size_t bytes_max, struct mock_store_image *image);
void mock_store_image_clear(struct mock_store_image *image); /* zeroed is fine */
/* Walk: *at starts at 0; false at the end. */
bool mock_store_image_next(const struct mock_store_image *image, size_t *at, struct mock_store_record *record);

#endif
