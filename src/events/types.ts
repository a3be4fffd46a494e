/** `loan.closed` (that type alone), `loan.*` (every type of that noun) or `*`. */
export const EVENT_PATTERN = /^(\*|[a-z][a-z0-9-]*\.(\*|[a-z0-9-]+(\.[a-z0-9-]+)*))$/;

/** Sent to one endpoint, on request, whatever it subscribes to. */
export const TEST_EVENT = 'webhook.test';

/** Whether somebody who asked for these patterns is to be told of events of that type. */
export function subscribes(patterns: readonly string[], type: string): boolean {
  const noun = type.slice(0, type.indexOf('.'));
  return patterns.some((pattern) => pattern === type || pattern === '*' || pattern === `${noun}.*`);
}
