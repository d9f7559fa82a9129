/** One import as written. */
export interface SourceImport {
  readonly specifier: string;
  readonly line: number;
  /** `import type` disappears when compiled; a dynamic one (`import()`, `require()`) loads only when its line runs. */
  readonly kind: 'static' | 'dynamic' | 'type';
}

/**
 * An import or a re-export with a specifier; the list between may run over lines. A semicolon or a quote ends the search, so that one
 * statement's `import` never meets another one's `from`.
 */
const statement =
  /^[ \t]*(?:import|export)\b(?<list>[^;'"]*?)\bfrom\s*['"](?<from>[^'"]+)['"]|^[ \t]*import\s*['"](?<bare>[^'"]+)['"]/gm;

/** Also matches the type `import('x').Y`, which nobody needs here. */
const call = /(?<!\.)\b(?:import|require)\(\s*['"](?<specifier>[^'"]+)['"]\s*\)/g;

/** All imports of a TypeScript source, in order of kind, with their lines. */
export function importsOf(source: string): SourceImport[] {
  const code = withoutComments(source);
  const lineOf = (index: number): number => code.slice(0, index).split('\n').length;
  const statements = Array.from(code.matchAll(statement), ({ index, groups }): SourceImport => {
    const kind = /^\s*type\b/.test(groups?.['list'] ?? '') ? 'type' : 'static';
    return { specifier: groups?.['from'] ?? groups?.['bare'] ?? '', line: lineOf(index), kind };
  });
  const calls = Array.from(code.matchAll(call), ({ index, groups }): SourceImport => ({
    specifier: groups?.['specifier'] ?? '',
    line: lineOf(index),
    kind: 'dynamic',
  }));
  return [...statements, ...calls];
}

/** Blanks comments out; lines stay where they are. Only whole lines and blocks: `//` within a line may be part of a text. */
function withoutComments(source: string): string {
  return source
    .replaceAll(/^[ \t]*\/\*[^]*?\*\//gm, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/^[ \t]*\/\/.*$/gm, '');
}
