/** A socket that the emperor is to hold for a vassal. */
export interface SocketWish {
  /** As an option takes it: `127.0.0.1:8000`, `/run/a.socket`. */
  readonly address: string;
  /** The vassal runs only while somebody uses it. */
  readonly onDemand: boolean;
  /** It ends when nobody has asked it for anything for so long. */
  readonly idleSeconds?: number;
}
