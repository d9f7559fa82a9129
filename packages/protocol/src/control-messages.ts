/*
 * What goes over the control socket of a vassal of ours (`EMPEROR_CONTROL_SOCKET`, DESIGN 2): lines of JSON. Each request is answered
 * with a line, in order; only a subscriber gets more.
 */

/** What can be asked of a vassal. */
export type ControlRequest =
  /** Its figures. */
  | { readonly request: 'status' }
  /** As the bytes of the same names on the emperor socket. */
  | { readonly request: 'reload' }
  | { readonly request: 'stop' }
  /** From now on everything it would tell its emperor, as `ControlNews`; first of all what still holds. */
  | { readonly request: 'subscribe' }
  /** This connection becomes its standard output and standard error. There is no answer: what follows is its log. */
  | { readonly request: 'output' };

export type ControlRequestName = ControlRequest['request'];

/** The answer to a request that is obeyed. */
export interface ControlDone {
  readonly done: ControlRequestName;
}

/** A request that is not understood. */
export interface ControlError {
  readonly error: string;
}

/** What a subscriber hears. The end of the connection without `ended` is the death of the vassal. */
export type ControlNews =
  /** `VassalByte`s, as on the emperor socket. */
  | { readonly said: readonly number[] }
  /** The exit code it is about to end with. */
  | { readonly ended: number };

/** Environment variable with the path of the control socket. */
export const CONTROL_SOCKET_VARIABLE = 'EMPEROR_CONTROL_SOCKET';

/**
 * Environment variable with the address of a listening socket that the emperor holds for the vassal; the vassal has it as its
 * standard input, and need not open what its configuration asks for at that address.
 */
export const HELD_SOCKET_VARIABLE = 'EMPEROR_VASSAL_SOCKET';

/**
 * Environment variable with `UID:PATH` of a configuration file whose vassal runs with the rights of its owner (tyrant mode): when
 * the file is opened it must still belong to that user.
 */
export const FILE_OWNER_VARIABLE = 'EMPEROR_VASSAL_FILE_OWNER';

/** Environment variable that is `1` when the vassal is to go on serving without its emperor. */
export const OUTLIVES_VARIABLE = 'EMPEROR_VASSAL_OUTLIVES';
