import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';

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

/** What a client shows. */
export interface ClientIdentity {
  readonly cert: string;
  readonly key: string;
}

/** An authority `root.crt`, and two clients: `near` is signed by it, `far` by somebody who is. */
export function makeChain(rig: Rig): { near: ClientIdentity; far: ClientIdentity } {
  const root = makeCertificate(rig, 'root');
  makeSigned(rig, 'near', root, []);
  const middle = makeSigned(rig, 'middle', root, ['-addext', 'basicConstraints=critical,CA:TRUE']);
  makeSigned(rig, 'far', middle, []);
  const read = (name: string): string => readFileSync(rig.path(name), 'latin1');
  return {
    near: { cert: read('near.crt'), key: read('near.key') },
    far: { cert: read('far.crt') + read('middle.crt'), key: read('far.key') },
  };
}

function makeSigned(rig: Rig, name: string, by: CertificateFiles, extensions: readonly string[]): CertificateFiles {
  const made = { certificate: rig.path(`${name}.crt`), key: rig.path(`${name}.key`) };
  const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ');
  const signer = ['-CA', by.certificate, '-CAkey', by.key];
  const files = ['-keyout', made.key, '-out', made.certificate];
  execFileSync('openssl', [...kind, '-subj', `/CN=${name}`, ...extensions, ...signer, ...files], { stdio: 'pipe' });
  return made;
}
