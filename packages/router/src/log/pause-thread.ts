const NOBODY = new Int32Array(new SharedArrayBuffer(4));

/** Stops everything for a while: for the last moments of a process, when what is left must be written before it goes on. */
export function pauseThread(milliseconds: number): void {
  Atomics.wait(NOBODY, 0, 0, milliseconds);
}
