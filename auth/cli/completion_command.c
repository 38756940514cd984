/* epic-auth completion: what a shell completes. The scripts ask the program's own help, so they never know less or more than
 * it does. */
#include <string.h>

#include "auth/cli/cli.h"

static const char bash_script[] =
    "# epic-auth, mock-epic, epic-conformance: completion for bash. eval \"$(epic-auth completion bash)\"\n"
    "_epic_auth() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=\n"
    "    COMPREPLY=()\n"
    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "        words=$(\"$1\" --help 2>/dev/null | sed -n 's/^  \\([a-z][a-z-]*\\) .*/\\1/p')\n"
    "    elif [ \"${word#-}\" != \"$word\" ]; then\n"
    "        words=$(\"$1\" \"$command\" --help 2>/dev/null |\n"
    "            sed -n 's/^\\(  -[a-zA-Z], \\|      \\)\\(--[a-z0-9-]*\\).*/\\2/p')\n"
    "    elif [ \"$COMP_CWORD\" -eq 2 ] && [ \"${1##*/}\" = epic-auth ]; then\n"
    "        case $command in\n"
    "        key) words='new inspect cert jwks pem match' ;;\n"
    "        cache) words='show clear' ;;\n"
    "        config) words=show ;;\n"
    "        completion) words='bash zsh fish' ;;\n"
    "        esac\n"
    "    fi\n"
    "    if [ -n \"$words\" ]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
    "    fi\n"
    "}\n"
    "complete -o default -F _epic_auth epic-auth mock-epic epic-conformance\n";

static const char zsh_script[] =
    "#compdef epic-auth mock-epic epic-conformance\n"
    "# epic-auth, mock-epic, epic-conformance: completion for zsh. eval \"$(epic-auth completion zsh)\"\n"
    "_epic_auth() {\n"
    "    local -a choices\n"
    "    local program=${words[1]}\n"
    "    if (( CURRENT == 2 )); then\n"
    "        choices=(${(f)\"$($program --help 2>/dev/null | sed -n 's/^  \\([a-z][a-z-]*\\) .*/\\1/p')\"})\n"
    "        compadd -a choices\n"
    "    elif [[ ${words[CURRENT]} == -* ]]; then\n"
    "        choices=(${(f)\"$($program ${words[2]} --help 2>/dev/null | "
    "sed -n 's/^\\(  -[a-zA-Z], \\|      \\)\\(--[a-z0-9-]*\\).*/\\2/p')\"})\n"
    "        compadd -a choices\n"
    "    else\n"
    "        case ${program:t}:${words[2]}:$CURRENT in\n"
    "        epic-auth:key:3) compadd new inspect cert jwks pem match ;;\n"
    "        epic-auth:cache:3) compadd show clear ;;\n"
    "        epic-auth:config:3) compadd show ;;\n"
    "        epic-auth:completion:3) compadd bash zsh fish ;;\n"
    "        esac\n"
    "        _files\n"
    "    fi\n"
    "}\n"
    "compdef _epic_auth epic-auth mock-epic epic-conformance\n";

static const char fish_script[] =
    "# epic-auth, mock-epic, epic-conformance: completion for fish. epic-auth completion fish | source\n"
    "function __epic_auth_options\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -ge 2; or return\n"
    "    $words[1] $words[2] --help 2>/dev/null | "
    "string replace -rf '^(?:  -[a-zA-Z], |      )(--[a-z0-9-]+).*' '$1'\n"
    "end\n"
    "for program in epic-auth mock-epic epic-conformance\n"
    "    complete -c $program -n __fish_use_subcommand -f -a \"($program --help | string replace -rf "
    "'^  ([a-z][a-z-]*) +(.*)' '\\$1\\t\\$2')\"\n"
    "    complete -c $program -n 'not __fish_use_subcommand' -a '(__epic_auth_options)'\n"
    "end\n"
    "complete -c epic-auth -n '__fish_seen_subcommand_from key' -a 'new inspect cert jwks pem match'\n"
    "complete -c epic-auth -n '__fish_seen_subcommand_from cache' -a 'show clear'\n"
    "complete -c epic-auth -n '__fish_seen_subcommand_from config' -a show\n"
    "complete -c epic-auth -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n";

static const struct {
    const char *shell, *script;
} shells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

struct completion_settings {
    bool help;
};
static const struct auth_opt rows[] = {{"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct completion_settings, help)},
                                       {.name = NULL}};

int auth_cli_completion(int argc, char **argv)
{
    struct completion_settings settings = {.help = false};
    int status = auth_cli_parse(&argc, argv, rows, &settings,
                                "Usage: epic-auth completion bash|zsh|fish\n\n"
                                "Prints what makes the shell complete commands and options:\n"
                                "  eval \"$(epic-auth completion bash)\"     in ~/.bashrc\n",
                                &settings.help);
    if (status >= 0)
        return status;
    for (size_t i = 0; i < sizeof shells / sizeof *shells && argc == 2; i++) {
        if (strcmp(argv[1], shells[i].shell) == 0)
            return auth_cli_print(shells[i].script) ? AUTH_EXIT_OK : AUTH_EXIT_INTERNAL;
    }
    return auth_cli_usage_error("completion", "bash, zsh or fish");
}
