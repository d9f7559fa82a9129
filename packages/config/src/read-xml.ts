export { readIni as readXml } from './read-ini.ts';
