import type { Exchange } from '@emperor/http';

/** What a client may go on with in place of HTTP/1. Not HTTP/2 in clear text: its requests would pass unseen, whatever our routes forbid. */
export function upgradeOffer({ upgrade }: Exchange): string | undefined {
  return upgrade === undefined || upgrade.toLowerCase() === 'h2c' ? undefined : upgrade;
}
