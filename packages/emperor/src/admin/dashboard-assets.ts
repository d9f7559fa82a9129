import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

/** A file of the dashboard as it is sent. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function directoryOf(specifier: string): string {
  return dirname(createRequire(import.meta.url).resolve(specifier));
}

/** Files that those who have no token yet may have. */
export const PUBLIC_ASSETS: ReadonlySet<string> = new Set(['/icon.svg', '/dashboard.css']);

/** Finds a file of the page, by its path in the URL. Only plain names are asked for: nothing leads out of the folders. */
export function dashboardAsset(path: string): Asset | undefined {
  const name = path === '/' ? 'index.html' : path.slice(1);
  if (!/^[a-zA-Z][\w-]*(?:\.[\w-]+)*\.(?:html|css|js|svg)$/.test(name)) return undefined;
  const dashboard = directoryOf('@emperor/dashboard/package.json');
  const places = name.startsWith('uPlot.')
    ? [directoryOf('uplot')]
    : [join(dashboard, 'assets'), join(dashboard, 'dist')];
  const file = places.map((place) => join(place, name)).find((each) => existsSync(each));
  const type = TYPES[extname(name)];
  return file === undefined || type === undefined ? undefined : { type, body: readFileSync(file) };
}
