import type { Row } from '../row.ts';
import { appClose } from './app-close.ts';
import { appKeepalive } from './app-keepalive.ts';

/** Every row, in the order they run. */
export const rows: readonly Row[] = [appKeepalive, appClose];
