/* Records one after the other: key, end, length, value. */
#include "mock_epic/store/image.h"

#include <string.h>

struct head {
    struct mock_store_key key;
    int64_t until_s;
    size_t value_n;
};

static enum mock_store_walk copy(void *ctx, const struct mock_store_key *key, struct auth_view value, int64_t *until_s,
                                 struct auth_buf *replacement)
{
    struct mock_store_image *image = ctx;
    struct head head;
    (void)replacement;
    memset(&head, 0, sizeof head);
    head.key = *key;
    head.until_s = *until_s;
    head.value_n = value.n;
    auth_buf_add(&image->records, &head, sizeof head);
    auth_buf_add_view(&image->records, value);
    image->count++;
    return MOCK_STORE_KEEP;
}

enum auth_rc mock_store_image_take(struct mock_store *store, enum mock_store_kind kind, size_t bytes_max,
                                   struct mock_store_image *image)
{
    image->count = 0;
    auth_buf_init(&image->records, bytes_max);
    enum auth_rc rc = store->ops->each(store, kind, copy, image);
    if (rc == AUTH_OK && !auth_buf_ok(&image->records))
        rc = image->records.is_full ? AUTH_E_TOO_BIG : AUTH_E_NOMEM;
    return rc;
}

void mock_store_image_clear(struct mock_store_image *image)
{
    auth_buf_clear(&image->records);
    image->count = 0;
}

bool mock_store_image_next(const struct mock_store_image *image, size_t *at, struct mock_store_record *record)
{
    struct head head;
    if (*at + sizeof head > image->records.n)
        return false;
    memcpy(&head, image->records.p + *at, sizeof head);
    record->key = head.key;
    record->until_s = head.until_s;
    record->value = auth_view_bytes(image->records.p + *at + sizeof head, head.value_n);
    *at += sizeof head + head.value_n;
    return true;
}
