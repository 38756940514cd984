/* Reads Invoke-RestMethod and Invoke-WebRequest, as the browser's "Copy as PowerShell" and people write them. */
#ifndef CONFORMANCE_LINTER_POWERSHELL_COMMAND_H
#define CONFORMANCE_LINTER_POWERSHELL_COMMAND_H

#include "conformance/linter/capture.h"

/* Does one stand in the first line? curl and wget are names of it, too, in Windows PowerShell. */
bool conf_powershell_is_command(struct auth_view text);
/* in  all   the whole file, in which variables are looked up
 *     text  from the line of the command on
 * rc  as conf_capture_read() */
AUTH_MUST_CHECK enum auth_rc conf_powershell_read(struct auth_view all, struct auth_view text,
                                                  struct conf_capture *capture, struct auth_err *err);

#endif
