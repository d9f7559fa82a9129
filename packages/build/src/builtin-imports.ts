/** `import { a, b as c } from 'node:fs';`, as `tsc` writes it. */
const BUILTIN_IMPORT = /^import \{([^}]*)\} from '(node:[^']+)';$/gm;

/**
 * Has a module take what it needs from Node's own modules without importing them. An import reads every name that such a module exports, and
 * some load more when they are read: `fs.promises`, and with it half of readline; `crypto.webcrypto`; the HTTP client of `http`.
 */
export function takeFromBuiltins(code: string): string {
  return code.replace(BUILTIN_IMPORT, (_line, names: string, builtin: string) => {
    const pattern = names.replaceAll(/\bas\b/g, ':');
    return `const {${pattern}} = process.getBuiltinModule('${builtin}');`;
  });
}
