import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { answer, Meter, ready, stopWith, task } from './ipc.ts';

/**
 * Sends prepared requests over keep-alive connections and reads just enough of each answer to know that
 * it is whole: a load that leaves the machine's two cores to what is measured.
 */
const given = await task<{
  url: string;
  path: string;
  token: string;
  bodies: string[];
  /** Of each body, headers of its own. */
  headers?: Record<string, string>[];
  connections: number;
  jobs_per_request: number;
  /** Set: an open loop at this rate. Unset: each connection sends again as soon as it is answered. */
  per_second?: number;
}>();
const { hostname, port } = new URL(given.url);
const head = [
  `POST ${given.path} HTTP/1.1`,
  `host: ${hostname}`,
  `authorization: Bearer ${given.token}`,
  'content-type: application/json',
].join('\r\n');
const requests = given.bodies.map((body, index) => {
  const own = Object.entries(given.headers?.[index] ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${head}\r\n${own.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
});
const sockets = await Promise.all(Array.from({ length: given.connections }, open));
const meter = new Meter(requests.length * given.jobs_per_request);
let next = 0;
let refused = 0;
stopWith(async () => {
  for (const socket of sockets) socket.destroy();
});
ready();
if (given.per_second) await openLoop(given.per_second);
else await Promise.all(sockets.map(closedLoop));

async function closedLoop(socket: Socket): Promise<void> {
  while (next < requests.length) {
    const request = requests[next]!;
    next += 1;
    count(await exchange(socket, request));
  }
}

async function openLoop(per_second: number): Promise<void> {
  const idle = [...sockets];
  const started = performance.now();
  for (const [index, request] of requests.entries()) {
    const due = started + (index * 1_000) / per_second;
    if (due > performance.now()) await pause(due - performance.now());
    const socket = idle.shift() ?? (await open());
    void exchange(socket, request).then((status) => {
      idle.push(socket);
      count(status);
    });
  }
}

function count(status: number): void {
  if (status >= 300) refused += 1;
  const rate = meter.add(given.jobs_per_request);
  if (rate !== undefined) answer({ rate, refused });
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** @returns the answer's status */
function exchange(socket: Socket, request: string): Promise<number> {
  return new Promise((resolve) => {
    let headers = '';
    let missing_bytes = -1;
    const onData = (chunk: Buffer): void => {
      if (missing_bytes >= 0) missing_bytes -= chunk.length;
      else {
        headers += chunk.toString('latin1');
        const end = headers.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(headers)?.[1] ?? 0);
        missing_bytes = length - (headers.length - end - 4);
      }
      if (missing_bytes > 0) return;
      socket.off('data', onData);
      resolve(Number(headers.slice(9, 12)));
    };
    socket.on('data', onData);
    socket.write(request);
  });
}
