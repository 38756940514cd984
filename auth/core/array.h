/* Growing arrays, in one way: by doubling, from eight on, never beyond what a size_t counts. */
#ifndef AUTH_CORE_ARRAY_H
#define AUTH_CORE_ARRAY_H

#include <stddef.h>

#include "auth/core/err.h"

/* Memory for at least one item more than `count`; the items there are kept. As realloc(): what it gives replaces `items`,
 * and where it gives NULL (out of memory) they stay as they were.
 *     struct place *grown = auth_array_fit(places, count, &size, sizeof *grown);
 *     if (!grown)
 *         return auth_err_no_memory(err);
 *     places = grown;
 * in out  size  items that fit, 0 at first; free() the array */
AUTH_MUST_CHECK void *auth_array_fit(void *items, size_t count, size_t *size, size_t item_n);

#endif
