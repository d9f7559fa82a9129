import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';

import type { Rig } from '../rig/rig.ts';

/** A certificate and its key, as files below the rig's directory. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Makes `NAME.crt` and `NAME.key`, signed by itself; what was there is replaced at once, as renewal programs do it. */
export function makeCertificate(rig: Rig, name: string, host: string = name): CertificateFiles {
  const made = { certificate: rig.path(`${name}.crt`), key: rig.path(`${name}.key`) };
  const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ');
  const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  const files = ['-keyout', `${made.key}.new`, '-out', `${made.certificate}.new`];
  execFileSync('openssl', [...kind, ...subject, ...files], { stdio: 'pipe' });
  renameSync(`${made.certificate}.new`, made.certificate);
  renameSync(`${made.key}.new`, made.key);
  return made;
}
