import { EmperorError } from '@emperor/emperor';

import type { Command } from './command.ts';
import { clientFor, readWords } from './words.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `emperor completion SHELL`: a script to be sourced. Names of vassals are asked of the running emperor when they are needed. */
export function completion(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    form: SHELLS.join('|'),
    help: 'a script that completes commands and names',
    namesVassals: false,
    async run(args, surroundings) {
      const words = readWords(args, { '--names': 'flag' });
      if (words.options.has('--names')) {
        const { vassals } = await clientFor(words, surroundings).status();
        surroundings.output.write(vassals.map(({ name }) => `${name}\n`).join(''));
        return 0;
      }
      const shell = SHELLS.find((each) => each === words.names[0]);
      if (shell === undefined) throw new EmperorError(`for which shell? There are ${SHELLS.join(', ')}`);
      surroundings.output.write(scriptFor(shell, commands()));
      return 0;
    },
  };
}

function scriptFor(shell: Shell, commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const withVassals = commands.filter(({ namesVassals }) => namesVassals).map(({ name }) => name);
  switch (shell) {
    case 'bash':
      return bash(names, withVassals);
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(names, withVassals)}`;
    case 'fish':
      return fish(commands, withVassals);
    default:
      return shell satisfies never;
  }
}

function bash(names: string, withVassals: readonly string[]): string {
  return `_emperor() {
  local word="\${COMP_WORDS[COMP_CWORD]}" IFS=$'\\n'
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "$(printf '%s\\n' ${names})" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
    ${withVassals.join('|')})
      COMPREPLY=($(compgen -W "$(emperor completion --names 2>/dev/null)" -- "$word")) ;;
  esac
}
complete -o default -F _emperor emperor
`;
}

function fish(commands: readonly Command[], withVassals: readonly string[]): string {
  const lines = commands.map(
    ({ name, help }) =>
      `complete -c emperor -n __fish_use_subcommand -a ${name} -d '${help.replaceAll("'", String.raw`\'`)}'`,
  );
  return `${lines.join('\n')}
complete -c emperor -n '__fish_seen_subcommand_from ${withVassals.join(' ')}' -f -a '(emperor completion --names 2>/dev/null)'
`;
}
