/** Announcing an instance to a router. */
export const SUBSCRIPTIONS = {
  'subscribe-to': {
    kind: 'list',
    form: 'SERVER:KEY',
    implies: ['master'],
    aliases: ['st', 'subscribe'],
    help: 'announce a host name to the router at SERVER, or those in @FILE; HOST,N sets modifier1',
  },
  subscribe2: {
    kind: 'list',
    form: 'SUBSCRIPTION',
    implies: ['master'],
    help: 'announce a host name: server=,key=,addr=,socket=,weight=,modifier1=,modifier2=,proto=,check=',
  },
  'subscribe-with-modifier1': {
    kind: 'integer',
    min: 0,
    max: 255,
    help: 'announce this modifier1, whatever the subscriptions say',
  },
  'subscribe-freq': { kind: 'seconds', default: 10, min: 1, help: 'pause between announcements' },
  'subscription-tolerance': {
    kind: 'seconds',
    default: 17,
    min: 1,
    help: 'time after which an announcement is forgotten',
  },
  'subscription-algo': {
    kind: 'text',
    choices: ['wrr', 'lrc', 'wlrc', 'iphash'],
    default: 'wrr',
    help: 'balance in turn (wrr), by fewest requests (lrc), by fewest for their weight (wlrc), by client (iphash)',
  },
  'subscription-dotsplit': { kind: 'flag', help: 'for the host a.b.c also take what was announced as .b.c or .c' },
  'unsubscribe-on-graceful-reload': { kind: 'flag', help: 'withdraw announcements for a reload' },
  'start-unsubscribed': { kind: 'flag', help: 'announce nothing until told to (S in the master-fifo)' },
  weight: { kind: 'integer', min: 0, help: 'share of this instance among others that announce the same' },
  'auto-weight': { kind: 'flag', takesValue: true, help: 'take the number of processors as weight' },
} as const;
