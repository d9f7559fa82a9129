/**
 * Options of the tables whose part of the program is still to be built: a configuration with one of them gets a warning.
 * Whoever builds the part takes its names out. `
  node dist/testing/unread-options.js
` compares this list with the sources.
 */
const WITHOUT_EFFECT = `
  http-processes spooler-import harakiri-verbose limit-nproc max-fd prio worker-exec worker-exec2 forkbomb-delay
  procname-master locks cheaper-rss-limit-soft cheaper-rss-limit-hard cheaper-busyness-penalty
  cheaper-busyness-verbose cheaper-busyness-backlog-alert cheaper-busyness-backlog-multiplier
  cheaper-busyness-backlog-step cheaper-busyness-backlog-nonzero mule-reload-mercy touch-mules-reload
  touch-spoolers-reload touch-exec touch-signal fs-signal check-mountpoint flock flock-wait flock2 flock-wait2
  wait-for-interface wait-for-interface-timeout wait-for-fs wait-for-file wait-for-dir wait-for-mountpoint
  wait-for-fs-timeout wait-for-socket wait-for-socket-timeout spooler spooler-external spooler-ordered spooler-chdir
  spooler-processes spooler-quiet spooler-max-tasks spooler-harakiri spooler-frequency mule mules farm mule-msg-size
  mule-harakiri signal-timer signal-rbtimer cron2 unique-cron cron-harakiri queue queue-blocksize queue-store
  queue-store-sync honour-stdin vassal-sos vassal-sos-backlog master-as-root drop-after-init drop-after-apps cgroup
  cgroup-opt cgroup-dir-mode force-cwd binsh hook-post-fork hook-touch hook-emperor-start
  hook-as-emperor hook-as-mule file-write
`;

/** The same, but going on without them would take away a protection: an error. */
const WITHOUT_PROTECTION = 'chroot';

/** What becomes of a configuration with an option that is not built yet. */
export const NOT_YET: ReadonlyMap<string, 'warning' | 'error'> = new Map([
  ...words(WITHOUT_EFFECT).map((name) => [name, 'warning'] as const),
  ...words(WITHOUT_PROTECTION).map((name) => [name, 'error'] as const),
]);

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
