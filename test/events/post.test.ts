import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createGuard, type Guard, type Resolve } from '../../src/events/guard.ts';
import { createPost } from '../../src/events/post.ts';

let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  if (request.url === '/never') return;
  response.end();
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const { port } = server.address() as AddressInfo;
const { signal } = new AbortController();
const message = { headers: {}, body: '{}', signal };
const leadingTo =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: 4 }));

/** Takes http, so that the connection itself is what is tried; where it leads is looked at as ever. */
function guarding(resolve: Resolve): Guard {
  return { ...createGuard({ allow_private: false, resolve }), flawOf: () => null };
}

test('a name that has come to lead inside is not connected to', async () => {
  const post = createPost(guarding(leadingTo('127.0.0.1')));
  const url = `http://shop.example:${port}/`;
  await expect(post({ ...message, url })).rejects.toMatchObject({ code: 'forbidden-address' });
  expect(asked).toBe(0);
});

test('the address that was looked at is the one that is called, however the name is resolved by others', async () => {
  const post = createPost(createGuard({ allow_private: true, resolve: leadingTo('127.0.0.1') }));
  const url = `http://shop.example:${port}/`;
  expect(await post({ ...message, url })).toEqual({ status: 200, retry_after: undefined });
  expect(asked).toBe(1);
});

test('an address that is wrong as it is written is refused before anything is looked at', async () => {
  const post = createPost(createGuard({ allow_private: false, resolve: leadingTo('93.184.215.14') }));
  for (const url of [`http://127.0.0.1:${port}/`, 'https://127.0.0.1/', 'https://shop.example:25/']) {
    await expect(post({ ...message, url })).rejects.toMatchObject({ code: 'forbidden-address' });
  }
  expect(asked).toBe(1);
});

test('a receiver that does not answer is given up in time, and so is one that the caller no longer wants', async () => {
  const guard = createGuard({ allow_private: true });
  const url = `http://127.0.0.1:${port}/never`;
  await expect(createPost(guard, 50)({ ...message, url })).rejects.toMatchObject({ name: 'TimeoutError' });
  const given_up = AbortSignal.abort(new Error('The worker stops.'));
  const aborted = createPost(guard)({ ...message, url, signal: given_up });
  await expect(aborted).rejects.toThrow('The worker stops.');
});
