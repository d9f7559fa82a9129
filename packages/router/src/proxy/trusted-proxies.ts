import { BlockList, isIP } from 'node:net';

/** The proxies in front of this one whose word about their clients is believed. */
export class TrustedProxies {
  readonly #networks = new BlockList();
  readonly #all: boolean = false;

  /**
   * @param texts addresses and networks: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`; `*` for everybody
   * @throws RangeError that names the text that is none
   */
  constructor(texts: readonly string[]) {
    for (const text of texts) {
      if (text === '*') this.#all = true;
      else this.#add(text);
    }
  }

  #add(text: string): void {
    const slash = text.indexOf('/');
    const address = slash < 0 ? text : text.slice(0, slash);
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const prefix = slash < 0 ? String(bits) : text.slice(slash + 1);
    if (version === 0 || !/^[0-9]{1,3}$/.test(prefix) || Number(prefix) > bits) {
      throw new RangeError(`"${text}" is no address and no network: write 192.0.2.1, 10.0.0.0/8, 2001:db8::/32 or *`);
    }
    this.#networks.addSubnet(address, Number(prefix), version === 4 ? 'ipv4' : 'ipv6');
  }

  /** Peers on UNIX sockets have no address: who may connect there is a matter of file permissions. */
  has(address: string): boolean {
    if (this.#all) return true;
    const version = isIP(address);
    return version !== 0 && this.#networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}
