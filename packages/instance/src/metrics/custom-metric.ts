import { readFileSync } from 'node:fs';

import type { Entry } from '@emperor/config';

import { readKeyValues } from '../key-values.ts';
import { StartError } from '../start-error.ts';
import { MetricType, type MetricTypeName } from './metric.ts';

/** Keys of the option `metric`. */
const KEYS = {
  name: 'name',
  oid: 'oid',
  type: 'type',
  initial_value: 'initial',
  collector: 'collector',
  arg1: 'file',
  arg1n: 'number',
  children: 'children',
  alias: 'alias',
  freq: 'freq',
  reset_after_push: 'reset',
} as const;

/** Looks a metric up by its name. */
export type MetricReader = (name: string) => number | undefined;

/** How a metric gets its value. */
type Collector = (metric: CustomMetric, read: MetricReader) => number;

const COLLECTORS: Readonly<Record<string, Collector>> = {
  file: ({ file }) => readNumber(file),
  sum: ({ children }, read) => sumOf(children, read),
  avg: ({ children }, read) => (children.length === 0 ? 0 : Math.trunc(sumOf(children, read) / children.length)),
  adder: ({ children, number }, read) => number + sumOf(children, read),
  multiplier: ({ children, number }, read) => number * sumOf(children, read),
};

/** A metric of the user's own (`metric = NAME`, `metric = name=NAME,type=gauge,…`): set by the app, or collected from elsewhere when it is read. */
export class CustomMetric {
  readonly name: string;
  readonly oid: string;
  readonly type: MetricTypeName;
  readonly file: string;
  readonly number: number;
  readonly children: readonly string[];
  readonly #collect: Collector | undefined;
  #value: number;

  /** @throws StartError with the place of the line and what is wrong with it */
  constructor(entry: Entry) {
    const { value, origin } = entry;
    const place = origin.line > 0 ? `${origin.source}:${origin.line}` : origin.source;
    const refuse = (why: string): never => {
      throw new StartError(`${place}: metric = ${value}: ${why}`);
    };
    const given = value.includes('=') ? readKeyValues(entry, value, KEYS) : new Map([['name', value] as const]);
    const type = given.get('type') ?? 'counter';
    const collector = given.get('collector');
    const alias = given.get('alias');
    this.name = given.get('name') ?? refuse('it has no name=');
    this.oid = given.get('oid') ?? '';
    this.type = isType(type)
      ? type
      : refuse(`there is no type "${type}": there are ${Object.keys(MetricType).join(', ')}`);
    this.#value = Number.parseInt(given.get('initial') ?? '0', 10) || 0;
    this.file = given.get('file') ?? '';
    this.number = Number.parseInt(given.get('number') ?? '0', 10) || 0;
    this.children = alias === undefined ? (given.get('children')?.split(';') ?? []) : [alias];
    if (collector !== undefined && COLLECTORS[collector] === undefined)
      refuse(`there is no collector "${collector}": there are ${Object.keys(COLLECTORS).join(', ')}`);
    this.#collect = alias === undefined ? COLLECTORS[collector ?? ''] : COLLECTORS['sum'];
  }

  /** Nobody but the app sets it. */
  get isManual(): boolean {
    return this.#collect === undefined;
  }

  read(read: MetricReader): number {
    return this.#collect === undefined ? this.#value : this.#collect(this, read);
  }

  set(value: number): void {
    this.#value = Math.trunc(value);
  }
}

function isType(name: string): name is MetricTypeName {
  return name in MetricType;
}

function sumOf(names: readonly string[], read: MetricReader): number {
  return names.reduce((sum, name) => sum + (read(name) ?? 0), 0);
}

/** 0 when it cannot be read: it may come later. */
function readNumber(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'latin1'), 10) || 0;
  } catch {
    return 0;
  }
}
