import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type BureauOptions, createBureauClient } from '../../src/loans/bureau-client.ts';
import { Breaker } from '../../src/runtime/breaker.ts';
import { Refuse, Snooze } from '../../src/runtime/outcomes.ts';
import { type FaultScript, NO_FAULTS } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';

const inquiry = (reference = 'KYC1') => ({
  ...{ reference, provider_key: `key-of-${reference}`, signal: new AbortController().signal },
});

/** A client of a bureau that fails as told, once or twice, and then answers. */
async function client(faults: Partial<FaultScript> = {}, options: Partial<BureauOptions> = {}) {
  const sandbox = await startSandbox({ port: 0, faults: { ...NO_FAULTS, ...faults } });
  onTestFinished(() => sandbox.stop());
  return { sandbox, bureau: createBureauClient({ url: sandbox.url, ...options }) };
}

/** A bureau that answers everything the same. */
async function stubborn(status: number, headers: Record<string, string>, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'nothing',
    (error) => error,
  );

test('a report comes back as it was given', async () => {
  const { bureau } = await client();
  expect(await bureau.report(inquiry('KYC1-s701'))).toMatchObject({ score: 701 });
});

test('a bureau that asks for patience is given it', async () => {
  const { bureau } = await client({ unavailable: 1_000, failures_in_row_max: 1 });
  const error = await thrownBy(bureau.report(inquiry()));
  expect(error).toBeInstanceOf(Snooze);
  expect(error).toMatchObject({ code: 'bureau-unavailable', after_ms: 1_000 });
  expect(await bureau.report(inquiry())).toMatchObject({ report_id: expect.any(String) });
});

test('a reset connection and silence are worth another try', async () => {
  const resetting = await client({ reset: 1_000, failures_in_row_max: 1 });
  expect(await thrownBy(resetting.bureau.report(inquiry()))).toMatchObject({
    word: 'snooze',
    code: 'bureau-unreachable',
  });
  const silent = await client({ silent: 1_000, failures_in_row_max: 1 }, { timeout_ms: 50 });
  expect(await thrownBy(silent.bureau.report(inquiry()))).toMatchObject({
    word: 'snooze',
    code: 'bureau-timeout',
  });
});

test('the job’s own signal ends the call, and is not held against the bureau', async () => {
  const breaker = new Breaker({ failures_max: 1, open_ms: 60_000 });
  const { bureau } = await client({ silent: 1_000, failures_in_row_max: 1 }, { breaker });
  const signal = AbortSignal.abort(new Error('the job was cancelled'));
  expect(await thrownBy(bureau.report({ ...inquiry(), signal }))).toMatchObject({
    message: 'the job was cancelled',
  });
  expect(breaker.admit()).toBe(0);
});

test('what the bureau rejects is refused, what it garbles is tried again', async () => {
  const rejecting = createBureauClient({ url: await stubborn(422, {}, '{}') });
  expect(await thrownBy(rejecting.report(inquiry()))).toBeInstanceOf(Refuse);
  for (const body of ['<html>', '{"score":"high"}', '{"report_id":"r","score":1000,"open_loans":0}']) {
    const garbling = createBureauClient({ url: await stubborn(200, {}, body) });
    expect(await thrownBy(garbling.report(inquiry()))).toMatchObject({
      word: 'snooze',
      code: 'bureau-garbled',
    });
  }
});

test('Retry-After may be a date, is never longer than five minutes, and nonsense is no wish', async () => {
  const afterOf = async (header: string) => {
    const bureau = createBureauClient({ url: await stubborn(429, { 'retry-after': header }, '') });
    return ((await thrownBy(bureau.report(inquiry()))) as Snooze).after_ms;
  };
  expect(await afterOf('7')).toBe(7_000);
  expect(await afterOf('999999999')).toBe(300_000);
  const unasked = await afterOf('soon');
  expect(unasked).toBeLessThan(1_000);
  expect(await afterOf(new Date(Date.now() - 60_000).toUTCString())).toBe(unasked);
});

test('after failures in a row the bureau is left alone, then one call tries', async () => {
  let now = 0;
  const breaker = new Breaker({ failures_max: 2, open_ms: 500, now_ms: () => now });
  const faults = { unavailable: 1_000, failures_in_row_max: 2 };
  const { sandbox, bureau } = await client(faults, { breaker });
  expect(await thrownBy(bureau.report(inquiry()))).toMatchObject({ code: 'bureau-unavailable' });
  expect(await thrownBy(bureau.report(inquiry()))).toMatchObject({ code: 'bureau-unavailable' });
  const left_alone = await thrownBy(bureau.report(inquiry()));
  expect(left_alone).toBeInstanceOf(Snooze);
  expect(left_alone).toMatchObject({ code: 'bureau-circuit-open', after_ms: 510 });
  expect(sandbox.stats().bureau.requests).toBe(2);
  now = 501;
  expect(await bureau.report(inquiry())).toMatchObject({ open_loans: expect.any(Number) });
  expect(breaker.admit()).toBe(0);
});

test('a failure costs an attempt only where the bureau had just answered somebody else', async () => {
  const faults = { ...NO_FAULTS, failures_in_row_max: 10 };
  const sandbox = await startSandbox({ port: 0, faults });
  onTestFinished(() => sandbox.stop());
  const bureau = createBureauClient({ url: sandbox.url });
  await bureau.report(inquiry('KYC1'));
  faults.unavailable = 1_000;
  const answers = [
    await thrownBy(bureau.report(inquiry('KYC2'))),
    await thrownBy(bureau.report(inquiry('KYC2'))),
  ];
  expect(answers).toMatchObject([{ word: 'retry' }, { word: 'snooze' }]);
});

test('those turned away come back one after another, not all at once', () => {
  let now = 0;
  const breaker = new Breaker({ failures_max: 1, open_ms: 500, spacing_ms: 10, now_ms: () => now });
  expect(breaker.failed()).toBe(500);
  expect([breaker.admit(), breaker.admit(), breaker.admit()]).toEqual([510, 520, 530]);
  now = 500;
  expect(breaker.admit(), 'one tries').toBe(0);
  expect(breaker.admit(), 'the others do not').toBeGreaterThan(0);
  breaker.succeeded();
  expect([breaker.admit(), breaker.admit()]).toEqual([0, 0]);
});

test('more calls than may be under way are told to come back, at no attempt’s cost', async () => {
  const { bureau } = await client({ delay_ms_min: 50, delay_ms_max: 50 }, { calls_max: 2 });
  const calls = ['A', 'B', 'C'].map((person) => thrownBy(bureau.report(inquiry(person))));
  expect((await Promise.all(calls)).filter((answer) => answer instanceof Snooze)).toHaveLength(1);
});
