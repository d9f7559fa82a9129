import type { Exchange, ExchangeHandler } from '@emperor/http';

import type { ActionKind, ActionSource, Outcome } from './action.ts';
import { fromByteText } from './byte-text.ts';
import { RouteError } from './route-error.ts';
import type { ForwardTarget } from './route-settings.ts';

/** Targets that come from variables are kept, up to so many. */
const KEPT_TARGETS = 256;

/** A way to another server. */
interface Route {
  readonly handler: ExchangeHandler;
  readonly host: string | undefined;
}

/** Sends the request to another server: the chain ends, the server's answer goes through the response rules. */
function forwarding(parse: (argument: string) => ForwardTarget): ActionKind {
  return {
    phases: ['request'],
    guards: true,
    compile: (source) => {
      const { argument, template, settings } = source;
      const text = template(argument);
      if (text.constant !== undefined) {
        const route = connect(source, parse(fromByteText(text.constant)));
        return ({ exchange }) => forward(exchange, route);
      }
      const routes = new Map<string, Route>();
      return (context) => {
        const evaluated = fromByteText(text.evaluate(context));
        let route = routes.get(evaluated);
        if (route === undefined) {
          try {
            route = connect(source, parse(evaluated));
          } catch (error) {
            settings.log(`[uwsgi-route] unable to forward to "${evaluated}": ${(error as Error).message}`);
            context.hangUp();
            return 'answered';
          }
          if (routes.size >= KEPT_TARGETS) routes.clear();
          routes.set(evaluated, route);
        }
        return forward(context.exchange, route);
      };
    },
  };
}

/** The Host header of the backend, where the rule names one, takes the place of the client's. */
function forward(exchange: Exchange, { handler, host }: Route): Outcome {
  exchange.record.via = 'route()';
  if (host !== undefined) exchange.variables.redefine('HTTP_HOST', host);
  handler.handle(exchange);
  return 'answered';
}

function connect({ settings }: ActionSource, target: ForwardTarget): Route {
  if (settings.forward === undefined) {
    throw new RouteError(`${target.protocol}: cannot forward requests here yet`, 'use the option http-to');
  }
  try {
    return { handler: settings.forward(target), host: target.host };
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
