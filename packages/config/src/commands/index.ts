export { checkCommand, checkVassalsCommand } from './check.ts';
export { describeOption } from './describe-option.ts';
export { explainCommand } from './explain.ts';
export { answerCommandLine, helpCommand } from './help.ts';
export type { CommandOutcome, CommandSurroundings } from './outcome.ts';
export { optionReference } from './reference.ts';
export { optionSchema } from './schema.ts';
