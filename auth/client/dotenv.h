/* The text of a .env, as dotenv libraries, shells and docker read it where they agree. */
#ifndef AUTH_CLIENT_DOTENV_H
#define AUTH_CLIENT_DOTENV_H

#include "auth/core/buf.h"

/* Call `take` for each NAME=VALUE of a .env text: "export ", quotes, CRLF, BOM, inline comments; nothing is executed
 * or expanded. Lines of other programs that are none are passed over.
 * out  foreign_line  the first such line; 0: none
 * rc   AUTH_E_SYNTAX (detail: line and cause): a setting of ours that is malformed, a quote that never ends; or another
 *      encoding than UTF-8, which is named; or what take answers */
AUTH_MUST_CHECK enum auth_rc auth_dotenv_parse(struct auth_view text,
                                               enum auth_rc (*take)(void *ctx, struct auth_view name,
                                                                    struct auth_view value),
                                               void *ctx, size_t *foreign_line, struct auth_err *err);

#endif
