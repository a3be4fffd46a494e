import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';

async function keyFile(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-box-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'secrets', 'secret-key');
}

const secret = Buffer.from('a secret of some length');

test('what is sealed opens again, with the key that was made on first use and is for its owner alone', async () => {
  const file = await keyFile();
  const boxes = await Promise.all(
    Array.from({ length: 5 }, async () => createSecretBox(await keyRingIn(file))),
  );
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const sealed = boxes[0]!.seal(secret, 'acme/endpoint/1');
  expect(sealed.includes(secret)).toBe(false);
  expect(boxes[0]!.seal(secret, 'acme/endpoint/1').equals(sealed)).toBe(false);
  for (const box of [...boxes, createSecretBox(await keyRingIn(file))]) {
    expect(box.open(sealed, 'acme/endpoint/1')).toEqual(secret);
  }
});

test('what is sealed alike is the same bytes of the same secret, in the same place, by the same key', async () => {
  const file = await keyFile();
  const box = createSecretBox(await keyRingIn(file));
  const sealed = box.sealAlike(secret, 'opt-out');
  expect(box.sealAlike(secret, 'opt-out')).toEqual(sealed);
  expect(box.open(sealed, 'opt-out')).toEqual(secret);
  expect(() => box.open(sealed, 'elsewhere')).toThrow();
  const nonceOf = (each: Buffer) => each.subarray(5, 17).toString('hex');
  const others = [
    box.sealAlike(Buffer.from('another one'), 'opt-out'),
    box.sealAlike(secret, 'elsewhere'),
    createSecretBox(await keyRingIn(await keyFile())).sealAlike(secret, 'opt-out'),
  ];
  expect(new Set([sealed, ...others].map(nonceOf)).size).toBe(4);
});

test('in another place, changed anywhere, or with another key it does not open', async () => {
  const file = await keyFile();
  const box = createSecretBox(await keyRingIn(file));
  const sealed = box.seal(secret, 'acme/endpoint/1');
  expect(() => box.open(sealed, 'globex/endpoint/1')).toThrow();
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Buffer.from(sealed);
    changed[index]! ^= 1;
    expect(() => box.open(changed, 'acme/endpoint/1')).toThrow();
  }
  const other = createSecretBox(await keyRingIn(await keyFile()));
  expect(() => other.open(sealed, 'acme/endpoint/1')).toThrow('not in');
});

test('a new key is put before the old one, which goes on opening what it sealed', async () => {
  const file = await keyFile();
  const sealed = createSecretBox(await keyRingIn(file)).seal(secret, 'here');
  const old = await readFile(file, 'utf8');
  await writeFile(file, `${randomBytes(32).toString('base64')}\n${old}`);
  const box = createSecretBox(await keyRingIn(file));
  expect(box.open(sealed, 'here')).toEqual(secret);
  expect(box.seal(secret, 'here').subarray(0, 5)).not.toEqual(sealed.subarray(0, 5));
  await writeFile(file, 'c2hvcnQ=\n');
  await expect(keyRingIn(file)).rejects.toThrow('32 bytes');
});
