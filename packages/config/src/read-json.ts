export { readIni as readJson } from './read-ini.ts';
