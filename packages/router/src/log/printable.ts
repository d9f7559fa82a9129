/**
 * Text from a client as it may stand in a log line: control characters, which could forge lines or steer a terminal, become
 * `\x0a` and the like. Other characters, also those above 127, stay.
 */
export function printable(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127) return escapeControls(text);
  }
  return text;
}

function escapeControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\x00-\x1f\x7f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
