export { readIni as readYaml } from './read-ini.ts';
