/* Reads the keys that are built in. */
#include "conformance/suite/test_keys.h"

#include "conformance/suite/embedded.h"

enum auth_rc conf_test_key(struct auth_view name, struct auth_key **key, struct auth_err *err)
{
    for (size_t i = 0; i < conf_test_key_files_count; i++) {
        const struct auth_embedded_file *file = &conf_test_key_files[i];
        struct auth_view rest = auth_view_from_string(file->name);
        if (auth_view_equals_view(auth_view_split(&rest, '.'), name))
            return auth_key_from_private_pem(auth_view_bytes(file->data, file->n), NULL, key, err);
    }
    return auth_err_set(err, AUTH_E_NOT_FOUND, "no test key is called \"%.*s\"", (int)(name.n < 40 ? name.n : 40),
                        name.p);
}
