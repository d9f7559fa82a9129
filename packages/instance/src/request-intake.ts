import type { Config } from '@emperor/config';
import type { Variables } from '@emperor/http';

/** What uWSGI's http router adds to the requests of its sockets before anybody is asked to answer them. */
export class RequestIntake {
  readonly #variables: readonly (readonly [name: string, value: string])[];
  readonly #namesServerByHost: boolean;

  constructor({ options }: Config) {
    this.#variables = options['http-var']
      .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const)
      .filter(([name]) => name !== '');
    this.#namesServerByHost = options['http-server-name-as-http-host'];
  }

  amend(variables: Variables): void {
    for (const [name, value] of this.#variables) variables.set(name, value);
    if (!this.#namesServerByHost) return;
    const host = variables.get('HTTP_HOST');
    if (host !== undefined) variables.set('SERVER_NAME', host);
  }
}
