import type { CommandOutcome, CommandSurroundings } from '@emperor/config/commands';
import { EmperorError, commandSocketIn, runAdminCommand, runtimeDirectoryPath } from '@emperor/emperor';
import type { AdminCommand } from '@emperor/emperor';

const FAILED = 1;
const MISUSED = 2;

/** `emperor status [NAME]…`, `emperor reload|restart|stop|start NAME…`: asks the emperor that runs. */
export async function adminCommand(
  command: AdminCommand,
  args: readonly string[],
  { environment }: CommandSurroundings,
): Promise<CommandOutcome> {
  const words = readWords(args);
  if (typeof words === 'string') return complain(words, MISUSED);
  const { names, asJson, runtimeDirectory } = words;
  const directory = runtimeDirectoryPath(runtimeDirectory, environment, process.getuid?.() ?? 0);
  try {
    return await runAdminCommand({ command, names, asJson, socketPath: commandSocketIn(directory) });
  } catch (error) {
    if (!(error instanceof EmperorError)) throw error;
    return complain(error.message, FAILED);
  }
}

interface Words {
  readonly names: readonly string[];
  readonly asJson: boolean;
  readonly runtimeDirectory: string | undefined;
}

/** A sentence when they cannot be understood. */
function readWords(args: readonly string[]): Words | string {
  const names: string[] = [];
  let asJson = false;
  let runtimeDirectory: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '--json') asJson = true;
    else if (word === '--runtime-dir') runtimeDirectory = args[(index += 1)];
    else if (word.startsWith('--runtime-dir=')) runtimeDirectory = word.slice('--runtime-dir='.length);
    else if (word.startsWith('-')) return `there is no option "${word}" here: there are --json and --runtime-dir DIR`;
    else names.push(word);
  }
  return { names, asJson, runtimeDirectory };
}

function complain(sentence: string, exitCode: number): CommandOutcome {
  process.stderr.write(`emperor: ${sentence}\n`);
  return { text: '', exitCode };
}
