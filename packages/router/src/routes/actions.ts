import type { ActionKind } from './action.ts';
import { ANSWER_ACTIONS } from './answer-actions.ts';
import { AUTH_ACTIONS } from './auth-actions.ts';
import { DIRECTORY_ACTIONS } from './directory-action.ts';
import { ENCODING_ACTIONS } from './encoding-actions.ts';
import { EXPIRES_ACTIONS } from './expires-action.ts';
import { FILE_ACTIONS } from './file-actions.ts';
import { FLOW_ACTIONS } from './flow-actions.ts';
import { FORWARD_ACTIONS } from './forward-actions.ts';
import { HASH_ACTIONS } from './hash-action.ts';
import { HEADER_ACTIONS } from './header-actions.ts';
import { BODY_ACTIONS } from './body-actions.ts';
import { CACHE_ACTIONS } from './lazy-cache-actions.ts';
import { LOG_ACTIONS } from './log-actions.ts';
import { MATH_ACTIONS } from './math-actions.ts';
import { SERVICE_ACTIONS } from './service-actions.ts';
import { TIME_LIMIT_ACTIONS } from './time-limit-action.ts';
import { UNSUPPORTED_ACTIONS } from './unsupported-actions.ts';
import { VARIABLE_ACTIONS } from './variable-actions.ts';

const SUPPORTED: ReadonlyMap<string, ActionKind> = new Map(
  [
    FLOW_ACTIONS,
    ANSWER_ACTIONS,
    HEADER_ACTIONS,
    EXPIRES_ACTIONS,
    VARIABLE_ACTIONS,
    HASH_ACTIONS,
    MATH_ACTIONS,
    LOG_ACTIONS,
    DIRECTORY_ACTIONS,
    TIME_LIMIT_ACTIONS,
    SERVICE_ACTIONS,
    FILE_ACTIONS,
    FORWARD_ACTIONS,
    AUTH_ACTIONS,
    ENCODING_ACTIONS,
    BODY_ACTIONS,
    CACHE_ACTIONS,
  ].flatMap((table) => Object.entries(table)),
);

const UNSUPPORTED: ReadonlyMap<string, ActionKind> = new Map(Object.entries(UNSUPPORTED_ACTIONS));

/** The action of that name, also one that uWSGI has and we have not; undefined for a word that means nothing. */
export function findAction(name: string): ActionKind | undefined {
  return SUPPORTED.get(name) ?? UNSUPPORTED.get(name);
}

/** Names of the actions that work, sorted. */
export function actionNames(): string[] {
  return [...SUPPORTED.keys()].toSorted();
}
