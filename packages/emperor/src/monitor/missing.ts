/** Whether the system says that something is not there, as opposed to not readable. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  // A symbolic link that leads to itself is as good as none.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
