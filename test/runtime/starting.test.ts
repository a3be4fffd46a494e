import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { leaveMark, testRuntime } from '../support/runtime.ts';

/** A way to Postgres that can be cut for whoever comes next. */
async function wayTo(databaseUrl: string) {
  const { hostname, port } = new URL(databaseUrl);
  let is_cut = false;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (is_cut) return socket.destroy();
    const onward = connect(Number(port), hostname);
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    cut: (cut: boolean) => {
      is_cut = cut;
    },
    close: () => server.close(),
  };
}

test('workers whose database goes away while they start say so, and do not ask for ever', async () => {
  const { database, accept, another, effects, rested, close } = await testRuntime([leaveMark]);
  onTestFinished(close);
  const way = await wayTo(database.url);
  onTestFinished(() => void way.close());
  const unlucky = await another({ databaseUrl: way.url });
  let errors = 0;
  unlucky.events.on('carrier-error', () => {
    errors += 1;
  });

  way.cut(true);
  await expect(unlucky.startWorkers()).rejects.toThrow('Connection terminated');
  expect(errors).toBeLessThan(10);
  way.cut(false);
  await unlucky.stop();

  const lucky = await another({ databaseUrl: way.url });
  await lucky.startWorkers();
  await rested(await accept('mark.leave', { name: 'Asha' }));
  expect(await effects()).toEqual(['Asha']);
});
