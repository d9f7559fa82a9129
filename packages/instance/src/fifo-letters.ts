import type { Commands } from './controls.ts';

/** uWSGI's letters (UWSGI-FACTS 9.7). A reload of ours loses nothing and waits for nothing: there is no other kind. */
const LETTERS: Readonly<Record<string, (commands: Commands) => void>> = {
  r: (commands) => void commands.reload(),
  R: (commands) => void commands.reload(),
  c: (commands) => void commands.workers.reload('chain', 'chain reload starting...'),
  w: (commands) => void commands.workers.reload('all'),
  W: (commands) => void commands.workers.reload('all'),
  '+': (commands) => commands.workers.change(1),
  '-': (commands) => commands.workers.change(-1),
  C: (commands) => commands.workers.goCheap(),
  p: (commands) => commands.workers.togglePause(),
  q: (commands) => void commands.stop('shutdown'),
  Q: (commands) => void commands.stop('cut'),
  l: (commands) => commands.reopenLogs(),
  L: (commands) => commands.rotateLogs(),
  P: (commands) => commands.writePidfiles(),
  s: (commands) => commands.workers.logStatistics(),
};

/** Letters of uWSGI for what there is not here, and what is said instead. */
const WITHOUT_MEANING: Readonly<Record<string, string>> = {
  B: '[broodlord] this instance asks no Emperor for reinforcement by hand: see vassal-sos',
  E: 'this instance is no Emperor: there is nothing to scan',
  f: 'there is no fork server: the app is loaded once by the zygote, which a reload replaces',
};

/** Does what a letter stands for. Another one is told. */
export function obeyLetter(letter: string, commands: Commands, log: (line: string) => void): void {
  const command = LETTERS[letter];
  if (command !== undefined) command(commands);
  else if (!commands.obey(letter))
    log(
      WITHOUT_MEANING[letter] ??
        `unknown master-fifo command "${letter}": there are ${Object.keys(LETTERS).join(' ')} S and the numbers of fifos`,
    );
}
