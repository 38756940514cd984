/* Access tokens of the opaque form: 43 characters, 240 bits of them random, the last three following from the others, so that
 * whoever looks for tokens in texts asks the store about almost nothing else. */
#ifndef MOCK_EPIC_STATE_OPAQUE_TOKEN_H
#define MOCK_EPIC_STATE_OPAQUE_TOKEN_H

#include "mock_epic/state/random.h"

enum { MOCK_OPAQUE_TOKEN_N = 43 };

/* Append a new one. out must be a secret buffer.
 * rc  AUTH_E_NOMEM, or what mock_random_take() answers */
AUTH_MUST_CHECK enum auth_rc mock_opaque_token_make(struct mock_random *source, struct auth_buf *out);
/* The first place in text, from `at` (at most text.n) on, where MOCK_OPAQUE_TOKEN_N characters could be one, as one in 65,536
 * could; text.n when there is none. */
size_t mock_opaque_token_find(struct auth_view text, size_t at);

#endif
