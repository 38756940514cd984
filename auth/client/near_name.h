/* Which setting somebody meant by a name that is none: a slip of the pen, or the name that another program has for it. */
#ifndef AUTH_CLIENT_NEAR_NAME_H
#define AUTH_CLIENT_NEAR_NAME_H

#include "auth/client/setting.h"
#include "auth/core/buf.h"

/* in   is_ours  the name stands where our settings stand (a .env), so that CLIENT_ID without EPIC_ may be meant for us
 * rc   AUTH_SETTINGS: none that can be told, or the name is one */
enum auth_setting auth_near_name(struct auth_view name, bool is_ours);
/* The setting whose name has the same letters, in any case and with any of "_-. " between them: epic.token.url; AUTH_SETTINGS
 * when there is none. */
enum auth_setting auth_near_letters(struct auth_view name);

#endif
