import type { ExchangeHandler } from '@emperor/http';

import type { ActionKind, ActionSource } from './action.ts';
import { fromByteText } from './byte-text.ts';
import { RouteError } from './route-error.ts';
import type { ForwardTarget } from './route-settings.ts';

/** Targets that come from variables are kept, up to so many. */
const KEPT_TARGETS = 256;

/** Sends the request to another server: the chain ends, the server's answer goes through the response rules. */
function forwarding(parse: (argument: string) => ForwardTarget): ActionKind {
  return {
    phases: ['request'],
    guards: true,
    compile: (source) => {
      const { argument, template, settings } = source;
      const text = template(argument);
      if (text.constant !== undefined) {
        const handler = connect(source, parse(fromByteText(text.constant)));
        return (context) => {
          context.exchange.record.via = 'route()';
          handler.handle(context.exchange);
          return 'answered';
        };
      }
      const handlers = new Map<string, ExchangeHandler>();
      return (context) => {
        const evaluated = fromByteText(text.evaluate(context));
        let handler = handlers.get(evaluated);
        if (handler === undefined) {
          try {
            handler = connect(source, parse(evaluated));
          } catch (error) {
            settings.log(`[uwsgi-route] unable to forward to "${evaluated}": ${(error as Error).message}`);
            context.hangUp();
            return 'answered';
          }
          if (handlers.size >= KEPT_TARGETS) handlers.clear();
          handlers.set(evaluated, handler);
        }
        context.exchange.record.via = 'route()';
        handler.handle(context.exchange);
        return 'answered';
      };
    },
  };
}

function connect({ settings }: ActionSource, target: ForwardTarget): ExchangeHandler {
  if (settings.forward === undefined) {
    throw new RouteError(`${target.protocol}: cannot forward requests here yet`, 'use the option http-to');
  }
  try {
    return settings.forward(target);
  } catch (error) {
    throw new RouteError(`invalid route syntax: ${(error as Error).message}`);
  }
}

function parseHttpTarget(argument: string): ForwardTarget {
  const [address = '', host] = argument.split(',');
  return { protocol: 'http', address: present(address), host, modifier1: 0, modifier2: 0 };
}

function parseUwsgiTarget(argument: string): ForwardTarget {
  const [address = '', modifier1 = '0', modifier2 = '0'] = argument.split(',');
  return {
    protocol: 'uwsgi',
    address: present(address),
    host: undefined,
    modifier1: parseModifier(modifier1),
    modifier2: parseModifier(modifier2),
  };
}

function present(address: string): string {
  const trimmed = address.trim();
  if (trimmed === '') throw new RouteError('invalid route syntax: the address to forward to is missing');
  return trimmed;
}

function parseModifier(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 255) {
    throw new RouteError(`invalid route syntax: "${text}" is no modifier from 0 to 255`);
  }
  return number;
}

/** Actions that send the request to another server. */
export const FORWARD_ACTIONS: Readonly<Record<string, ActionKind>> = {
  http: forwarding(parseHttpTarget),
  uwsgi: forwarding(parseUwsgiTarget),
};
