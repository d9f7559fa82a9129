import type { ActionKind } from './action.ts';
import { RouteError } from './route-error.ts';
import type { RouteSettings } from './route-settings.ts';

/** `signal:NUMBER`: raises a signal of uWSGI, whose function runs in a worker, or where the app has registered it for. */
const signal: ActionKind = {
  compile: ({ argument, settings }) => {
    const number = Number(argument);
    if (!/^[0-9]{1,3}$/.test(argument) || number > 255) {
      throw new RouteError(`invalid route syntax: signal: needs a number from 0 to 255, not "${argument}"`);
    }
    return () => {
      call(settings, 'signal', [number]);
      return 'next';
    };
  },
};

/** `metricinc:NAME,VALUE` and its kin change a metric that the option `metric` has declared. Without a value it is 1. */
function changing(name: string, operation: string): ActionKind {
  return {
    compile: ({ argument, template, settings }) => {
      const comma = argument.indexOf(',');
      const metric = (comma === -1 ? argument : argument.slice(0, comma)).trim();
      if (metric === '')
        throw new RouteError(`invalid route syntax: ${name}: needs the name of a metric`, `${name}:NAME,1`);
      const value = template(comma === -1 ? '1' : argument.slice(comma + 1));
      return (context) => {
        const number = Number.parseInt(value.evaluate(context), 10);
        call(settings, operation, [metric, Number.isNaN(number) ? 0 : number]);
        return 'next';
      };
    },
  };
}

/** What a part of the instance cannot do costs a line in the log, not the request. */
function call(settings: RouteSettings, name: string, args: readonly unknown[]): void {
  try {
    settings.call(name, args);
  } catch (error) {
    settings.log(`[uwsgi-route] ${name}(${args.join(', ')}): ${(error as Error).message}`);
  }
}

/** Actions that other parts of the instance carry out. */
export const SERVICE_ACTIONS: Readonly<Record<string, ActionKind>> = {
  signal,
  metricinc: changing('metricinc', 'metric_inc'),
  metricdec: changing('metricdec', 'metric_dec'),
  metricmul: changing('metricmul', 'metric_mul'),
  metricdiv: changing('metricdiv', 'metric_div'),
  metricset: changing('metricset', 'metric_set'),
};
