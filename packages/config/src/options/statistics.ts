/** Numbers for people and for monitoring. */
export const STATISTICS = {
  stats: {
    kind: 'address',
    implies: ['master'],
    aliases: ['stats-server'],
    help: 'serve statistics as JSON at ADDRESS',
  },
  'stats-http': { kind: 'flag', help: 'put an HTTP head in front of the statistics' },
  'stats-minified': { kind: 'flag', aliases: ['stats-min'], help: 'leave blanks and newlines out of the statistics' },
  'stats-no-cores': { kind: 'flag', help: 'leave the cores out of the statistics' },
  'stats-no-metrics': { kind: 'flag', help: 'leave the metrics out of the statistics' },
  'enable-metrics': { kind: 'flag', implies: ['master'], help: 'count metrics' },
  metric: { kind: 'list', help: 'add a metric, NAME or name=,type=,…' },
  'metrics-dir': {
    kind: 'text',
    implies: ['master'],
    aliases: ['metric-dir'],
    help: 'write the metrics to files in DIR',
  },
  'metrics-dir-restore': {
    kind: 'flag',
    aliases: ['metric-dir-restore'],
    help: 'start from the values in metrics-dir',
  },
  'metrics-no-cores': { kind: 'flag', help: 'count no metrics of single cores' },
} as const;
