import { afterEach, expect, test } from 'vitest';
import { MODEST_FAULTS, NO_FAULTS } from '../../src/sandbox/faults.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';

const started: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of started.splice(0)) await sandbox.stop();
});

async function bureau(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ port: 0, faults: NO_FAULTS, ...options });
  started.push(sandbox);
  return sandbox;
}

async function ask(sandbox: Sandbox, reference: string, key: string): Promise<{ score: number | null }> {
  const response = await fetch(`${sandbox.url}/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ reference }),
  });
  return response.json() as Promise<{ score: number | null }>;
}

test('one provider key is one report, however often it is asked for', async () => {
  const sandbox = await bureau();
  const first = await ask(sandbox, 'KYC1', 'key-1');
  expect(await ask(sandbox, 'KYC1', 'key-1')).toEqual(first);
  expect(await ask(sandbox, 'KYC1', 'key-2')).toMatchObject({ score: first.score });
  expect(sandbox.stats().bureau).toMatchObject({ requests: 3, answered: 3, reports: 2 });
  expect(sandbox.bureauLog().map(({ provider_key }) => provider_key)).toEqual(['key-1', 'key-1', 'key-2']);
});

test('scores are told by the reference: drawn, given, or none', async () => {
  const sandbox = await bureau();
  expect(await ask(sandbox, 'KYC1-s480', 'a')).toMatchObject({ score: 480 });
  expect(await ask(sandbox, 'KYC1-new', 'b')).toMatchObject({ score: null });
  for (const person of ['KYC1', 'KYC2', 'KYC3']) {
    const { score } = await ask(sandbox, person, person);
    expect(score).toBeGreaterThanOrEqual(300);
    expect(score).toBeLessThanOrEqual(900);
  }
});

test('the same seed brings the same faults, and a person is answered in the end', async () => {
  const faults = {
    ...MODEST_FAULTS,
    unavailable: 500,
    reset: 200,
    silent: 0,
    delay_ms_min: 0,
    delay_ms_max: 2,
  };
  const life = async (): Promise<string[]> => {
    const sandbox = await bureau({ seed: 7, faults });
    for (const person of ['A', 'B', 'C', 'D']) {
      for (let attempt = 0; attempt < 4; attempt += 1) await ask(sandbox, person, person).catch(() => null);
    }
    return sandbox.bureauLog().map(({ reference, ended }) => `${reference} ${ended}`);
  };
  const [once, again] = [await life(), await life()];
  expect(once).toEqual(again);
  expect(new Set(once.map((line) => line.split(' ')[1]))).toEqual(
    new Set(['unavailable', 'reset', 'answered']),
  );
  for (const person of ['A', 'B', 'C', 'D']) expect(once).toContain(`${person} answered`);
});
