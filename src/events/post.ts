import http from 'node:http';
import https from 'node:https';
import { EventError } from './errors.ts';
import type { Guard } from './guard.ts';

export interface Message {
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

export interface Posted {
  status: number;
  retry_after: string | undefined;
}

/** Sends a message to an endpoint. @throws EventError forbidden-address; Error where there is no answer */
export type Post = (message: Message) => Promise<Posted>;

const TIMEOUT_MS = 15_000;
/** Of the answer only the status counts; what is longer than this ends the connection. */
const ANSWER_BYTES_MAX = 16 * 1024;
const CONNECTIONS_PER_ENDPOINT_MAX = 16;
const CONNECTIONS_MAX = 256;
const IDLE_MS = 10_000;

/**
 * Posts over connections that the guard has looked at: an agent of its own keeps them, so that a name is
 * resolved, looked at and connected to in one step. Redirects are answers like any other.
 */
export function createPost(guard: Guard, timeout_ms = TIMEOUT_MS): Post {
  const options = {
    keepAlive: true,
    lookup: guard.lookup,
    maxSockets: CONNECTIONS_PER_ENDPOINT_MAX,
    maxTotalSockets: CONNECTIONS_MAX,
    timeout: IDLE_MS,
  };
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  return async ({ url, headers, body, signal }) => {
    const target = new URL(url);
    const flaw = guard.flawOf(target);
    if (flaw) throw new EventError('forbidden-address', flaw);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]);
    const send = target.protocol === 'http:' ? http.request : https.request;
    const agent = agents[target.protocol as keyof typeof agents];
    const request = send(target, { method: 'POST', headers, agent, signal: limit });
    return answerTo(request, body, limit);
  };
}

function answerTo(request: http.ClientRequest, body: string, limit: AbortSignal): Promise<Posted> {
  return new Promise((resolve, reject) => {
    request.on('error', (error) => reject(limit.aborted ? limit.reason : error));
    request.once('response', (response) => {
      const posted = { status: response.statusCode!, retry_after: response.headers['retry-after'] };
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > ANSWER_BYTES_MAX) response.destroy();
      });
      // The status has come: whatever becomes of the rest, that is the answer.
      response.once('close', () => resolve(posted));
      response.on('error', () => {});
    });
    request.end(body);
  });
}
