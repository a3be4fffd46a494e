import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  event: { id: string; type: string; subject: string; sequence: number; data: Record<string, unknown> };
}

/** What a receiver answers: a status, with headers where they matter. */
export type Answer = number | { status: number; headers?: Record<string, string>; body?: string };

/** Somebody's HTTP server on this machine that takes webhooks, and answers as it is told (200 by default). */
export class Receiver {
  readonly received: Received[] = [];
  answer: (request: Received) => Answer | Promise<Answer> = () => 200;
  readonly #server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', async () => {
      const got = { path: request.url!, headers: request.headers, body, event: JSON.parse(body) };
      this.received.push(got);
      const answer = await this.answer(got);
      const { status, headers, body: text } = typeof answer === 'number' ? { status: answer } : answer;
      response.writeHead(status, headers).end(text);
    });
  });

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((listening) => receiver.#server.listen(0, '127.0.0.1', listening));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** What came for a subject, as `type` or `sequence:status`. */
  of(subject: string): Received[] {
    return this.received.filter(({ event }) => event.subject === subject);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }
}
