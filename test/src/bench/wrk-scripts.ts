import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a script for wrk into a directory of its own, which goes with the process. @returns its path */
function write(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-')), name);
  writeFileSync(path, text);
  return path;
}

/** Every request is a POST of so many bytes. */
export function postScript(bytes: number): string {
  return write('post.lua', `wrk.method = "POST"\nwrk.body = string.rep("x", ${bytes})\n`);
}

/** So many requests are sent before the first answer is read. */
export function pipelineScript(depth: number): string {
  return write(
    'pipeline.lua',
    `init = function()
  local one = wrk.format(nil, "/")
  all = string.rep(one, ${depth})
end
request = function() return all end
`,
  );
}
