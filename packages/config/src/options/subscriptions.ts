/** Announcing an instance to a router. */
export const SUBSCRIPTIONS = {
  'subscribe-to': {
    kind: 'list',
    implies: ['master'],
    aliases: ['st', 'subscribe'],
    help: 'announce a host name to a router, ADDRESS:HOST',
  },
  subscribe2: {
    kind: 'list',
    form: 'KEYS AND VALUES',
    implies: ['master'],
    help: 'announce a host name, server=,key=,addr=,weight=,…',
  },
  'subscribe-freq': { kind: 'seconds', default: 10, min: 1, help: 'pause between announcements' },
  'subscription-tolerance': {
    kind: 'seconds',
    default: 17,
    min: 1,
    help: 'time after which an announcement is forgotten',
  },
  'subscription-algo': { kind: 'text', help: 'how to balance: wrr, lrc, wlrc, iphash' },
  'subscription-dotsplit': { kind: 'flag', help: 'try a.b.c, b.c and c for the host a.b.c' },
  'unsubscribe-on-graceful-reload': { kind: 'flag', help: 'withdraw announcements for a reload' },
  'start-unsubscribed': { kind: 'flag', help: 'announce nothing until told to' },
  weight: { kind: 'integer', min: 0, help: 'weight of this instance among others' },
  'auto-weight': { kind: 'flag', takesValue: true, help: 'take the number of processors as weight' },
} as const;
