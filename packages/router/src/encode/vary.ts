/** Adds `Accept-Encoding` to what an answer varies on, so that no cache hands the encoded form to a client that cannot read it. */
export function varyOnAcceptEncoding(headers: string[]): void {
  let place: number | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== 'vary') continue;
    place ??= i;
    const members = new Set((headers[i + 1] ?? '').split(',').map((member) => member.trim().toLowerCase()));
    if (members.has('*') || members.has('accept-encoding')) return;
  }
  if (place === undefined) headers.push('Vary', 'Accept-Encoding');
  else headers[place + 1] = [headers[place + 1], 'Accept-Encoding'].filter(Boolean).join(', ');
}
