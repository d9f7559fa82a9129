import type { FileOwner } from './vassal-file.ts';

/** Whose rights a vassal gets: the emperor's, those of the owner of its file, those of the owner of the link to it. */
export type TyrantMode = 'off' | 'follow' | 'nofollow';

/**
 * Why a file must not become a vassal in tyrant mode; undefined when it may. Nobody's file makes a vassal that runs as root
 * (UWSGI-FACTS 13; so does uWSGI), and nobody has a file run as its owner by a link of their own, which they could let lead
 * elsewhere a moment later (uWSGI lets them).
 */
export function refusalOf(owner: FileOwner, link: FileOwner): string | undefined {
  if (owner.uid === 0 || owner.gid === 0) return 'it belongs to root, as whom no vassal may run in tyrant mode';
  if (link.uid !== 0 && link.uid !== owner.uid) return 'it is a link of somebody else than the owner of the file';
  return undefined;
}
