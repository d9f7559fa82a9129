/**
 * uWSGI's emperor protocol: single bytes over the stream socket whose descriptor is named in `UWSGI_EMPEROR_FD`
 * (UWSGI-FACTS 13.11). The same numbers mean different things in the two directions.
 */

/** What a vassal tells its emperor. */
export const VassalByte = {
  /** The instance is up: its master, or its first process, runs. */
  spawned: 1,
  /** It asks for its configuration over the socket (`emperor-use-…` set-ups; unused by us). */
  configWanted: 2,
  /** A worker accepts requests. uWSGI's routers never send it, ours do. */
  accepting: 5,
  /** The first request has been answered. */
  loyal: 17,
  /** It wishes to be stopped. */
  stopMe: 22,
  /** Still alive (`heartbeat` option). */
  heartbeat: 26,
  /** It asks for reinforcement (`vassal-sos`, `vassal-sos-backlog`). */
  overloaded: 30,
  /** The new configuration was refused, the old generation goes on. Our own: a real uWSGI Emperor ignores unknown bytes. */
  reloadRefused: 40,
} as const;
export type VassalByte = (typeof VassalByte)[keyof typeof VassalByte];

/** What an emperor tells a vassal. */
export const EmperorByte = {
  stop: 0,
  reload: 1,
  gracefulStop: 2,
} as const;
export type EmperorByte = (typeof EmperorByte)[keyof typeof EmperorByte];
