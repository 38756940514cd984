/* The one place that makes an array longer. */
#include "auth/core/array.h"

#include <stdint.h>
#include <stdlib.h>

void *auth_array_fit(void *items, size_t count, size_t *size, size_t item_n)
{
    enum { FIRST = 8 };
    if (count < *size)
        return items;
    size_t wanted = *size ? *size * 2 : FIRST;
    if (*size > SIZE_MAX / 2 || wanted > SIZE_MAX / item_n)
        return NULL;
    void *grown = realloc(items, wanted * item_n);
    if (grown)
        *size = wanted;
    return grown;
}
