import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { MANY_COMMANDS_MS, terminalOn } from './terminal.ts';

vi.setConfig({ testTimeout: MANY_COMMANDS_MS });

const database = await testDatabase(['acme']);
const folder = await mkdtemp(path.join(tmpdir(), 'kist-notify-settings-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
const { kist, answer } = terminalOn(database.url);
const notify = (...words: string[]) => kist('notify', ...words);
const told = <T = Record<string, unknown>>(...words: string[]) => answer<T>('notify', ...words);

async function fileOf(name: string, content: unknown): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** Each refused as wrong input, naming what is wrong. */
async function refused(...wrong: (readonly [words: string[], says: string])[]) {
  const ends = await Promise.all(wrong.map(([words]) => notify(...words)));
  for (const [index, { status, stdout, stderr }] of ends.entries()) {
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(wrong[index]![1]);
  }
}

/** What the audit trail says of such changes, in their order. */
async function trail(action: string) {
  const { rows } = await database.superuser(
    `SELECT action, subject, outcome, error_code, arguments FROM audit WHERE action LIKE 'cli.notify.' || $1 || '%' ORDER BY id`,
    [action],
  );
  return rows;
}

test('notices are shown, switched on by some channels, and off', async () => {
  expect((await notify('notices')).stdout).toMatch(/^Notices are off\.\nNo rules: /);
  await refused(
    [['notices', 'perhaps'], 'on or off, not perhaps'],
    [['notices', 'on', '--channels', 'sms,pigeon'], 'no channel pigeon'],
    [['notices', '--channels', 'sms'], '--channels goes with on'],
  );
  expect(await trail('notices')).toEqual([]);

  const on = await notify('notices', 'on', '--channels', 'email,sms');
  expect(on.stdout).toMatch(/^Notices are on\.\n/);
  expect(on.stdout).toMatch(
    /reminder-before-due +loan\.reminder-due +before-due +reminder-before-due +email, sms +reminder +enabled/,
  );
  const { enabled, rules } = await told('notices', 'off');
  expect(enabled).toBe(false);
  expect(rules).toHaveLength(14);
  expect(await trail('notices')).toMatchObject([
    { subject: 'on', outcome: 'SUCCESS', arguments: { enabled: true, channels: ['email', 'sms'] } },
    { subject: 'off', outcome: 'SUCCESS' },
  ]);
});

test('a rule is set from a file, disabled, enabled, removed', async () => {
  const rule = {
    event_type: 'loan.closed',
    template: 'closed',
    channels: ['sms'],
    category: 'transactional',
  };
  const file = await fileOf('rule.json', rule);
  expect(await told('rule', 'set', 'goodbye', '--from', file)).toEqual({
    ...{ name: 'goodbye', moment: null, enabled: true },
    ...rule,
  });
  expect(await told('rule', 'disable', 'goodbye')).toMatchObject({ enabled: false, template: 'closed' });
  expect((await notify('rule', 'enable', 'goodbye')).stdout).toMatch(/state +enabled/);

  const unworded = await fileOf('unworded.json', { ...rule, template: 'of-nobody' });
  await refused(
    [['rule', 'set', 'goodbye', '--from', await fileOf('part.json', { template: 'closed' })], 'event_type'],
    [['rule', 'set', 'goodbye', '--from', unworded], 'unknown-template'],
  );
  const { rules } = await told<{ rules: { name: string }[] }>('notices');
  expect(rules.find(({ name }) => name === 'goodbye')).toMatchObject(rule);

  expect(await told('rule', 'remove', 'goodbye')).toEqual({ name: 'goodbye' });
  expect(await notify('rule', 'enable', 'goodbye')).toMatchObject({
    ...{ status: 1, stderr: expect.stringContaining('not-found: There is no notice rule') },
  });
  const story = (await trail('rule')).map(({ action, subject, outcome, error_code }) => {
    expect(subject).toBe('goodbye');
    return `${action.replace('cli.notify.rule-', '')} ${error_code ?? outcome}`;
  });
  expect(story).toEqual([
    ...['set SUCCESS', 'disable SUCCESS', 'enable SUCCESS', 'set unknown-template'],
    ...['remove SUCCESS', 'enable not-found'],
  ]);
});

test('what `policy --json` shows is what `policy --from` reads, and it is set whole', async () => {
  const shown = await told('policy', 'sms');
  expect(shown).toMatchObject({ retries: 3, contact_window: { from: '08:00', to: '19:00' }, caps: null });
  const changed = { ...shown, retries: 5, contact_window: null, caps: { per_day: 2 } };
  const set = await notify('policy', 'sms', '--from', await fileOf('policy.json', changed));
  expect(set.stdout).toMatch(/retries +5\n.*contact_window +none\n.*caps +\{"per_day":2,/s);
  expect(await told('policy', 'sms')).toMatchObject({
    retries: 5,
    contact_window: null,
    caps: { per_day: 2 },
  });

  const never = {
    quiet_hours: { from: '19:00', to: '08:00' },
    contact_window: { from: '20:00', to: '21:00' },
  };
  await refused(
    [['policy', 'sms', '--from', await fileOf('never.json', never)], 'leave no time'],
    [['policy', 'pigeon'], 'email, sms, push'],
  );
  expect(await told('policy', 'sms', '--from', await fileOf('nothing.json', {}))).toEqual(shown);
  expect(await trail('policy')).toMatchObject([
    { subject: 'sms', outcome: 'SUCCESS', arguments: { retries: 5 } },
    { subject: 'sms', outcome: 'SUCCESS', arguments: { retries: 3 } },
  ]);
});

test('an address is suppressed, listed masked page by page, and lifted; the trail does not name it', async () => {
  const suppress = (...words: string[]) => told('suppress', ...words);
  const asked = await suppress('email', 'asha.rao@example.in', '--detail', 'told the branch');
  expect(asked).toMatchObject({ channel: 'email', reason: 'asked', stops: 'everything' });
  const wished = await suppress('sms', '+919812345678', '--reason', 'opted-out');
  expect(wished).toMatchObject({ reason: 'opted-out', stops: 'all-but-transactional' });

  const first = await told('suppressions', '--limit', '1');
  expect(first).toMatchObject({
    suppressions: [{ id: wished.id, address: expect.stringContaining('5678') }],
  });
  const rest = await notify('suppressions', '--after', first.next as string);
  expect(rest.stdout).toMatch(/email +a\S+@example\.in +asked +everything/);
  expect(rest.stdout).not.toContain('sms');
  expect(await told('suppressions', '--channel', 'push')).toEqual({ suppressions: [], next: null });

  await refused(
    [['suppress', 'sms', '98123'], 'address: must be a phone number'],
    [['suppress', 'sms', '+919812345678', '--stops', 'nothing'], 'all-but-transactional'],
  );
  const id = wished.id as string;
  expect(await told('unsuppress', id)).toEqual({ id });
  expect(await notify('unsuppress', id)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('not-found'),
  });
  expect(await told('suppressions')).toMatchObject({ suppressions: [{ id: asked.id }] });

  const rows = await trail('%suppress');
  expect(rows.map(({ action, subject, outcome }) => [action, subject, outcome])).toEqual([
    ['cli.notify.suppress', asked.id, 'SUCCESS'],
    ['cli.notify.suppress', id, 'SUCCESS'],
    ['cli.notify.unsuppress', id, 'SUCCESS'],
    ['cli.notify.unsuppress', id, 'FAILED'],
  ]);
  const said = JSON.stringify([rows, asked, wished, first, rest]);
  expect(said).not.toContain('asha.rao@');
  expect(said).not.toContain('9812345678');
  expect(JSON.stringify(rows)).not.toContain('told the branch');
});

test('a template is worded anew, listed with its versions, and looked at before it is sent', async () => {
  const texts = { text: '{{ name }}, {{ amount | money }} came.' };
  const parts = { sms: texts };
  const wording = await fileOf('wording.json', { category: 'transactional', parts });
  const set = ['template', 'set', 'payment-received', 'en-IN', '--from'];
  expect(await told(...set, wording)).toMatchObject({ version: 1, added: true, parts });
  expect((await notify(...set, wording)).stdout).toMatch(/version +1, which says the same already/);
  const listed = (await notify('templates')).stdout;
  expect(listed).toMatch(/payment-received +en-IN +own +1 +transactional +sms/);
  expect(listed).toMatch(/payment-received +hi-IN +built-in +\d+ +transactional +email, sms, push/);

  const data = await fileOf('data.json', { name: 'Asha', amount: '1250.50', currency: 'INR' });
  const preview = ['template', 'preview', 'payment-received', '--channel', 'sms'];
  expect((await notify(...preview, '--data', data)).stdout).toMatch(
    /^sms, en-IN, from payment-received version 1, transactional\nAsha, Rs\.1,250\.50 came\.\n\(1 segment of GSM-7\)/,
  );
  const { channels } = await told('template', 'preview', 'overdue', '--locale', 'hi-IN');
  expect(Object.keys(channels as object)).toEqual(['email', 'sms', 'push']);

  const pushed = await notify('template', 'preview', 'due', '--channel', 'push');
  expect(pushed.stdout).toContain('(the app is told link = https://sahyadri.example/p/20481)');

  const broken = await fileOf('broken.json', { category: 'reminder', parts: { sms: { text: '{% if %}' } } });
  await refused(
    [[...set, broken], 'invalid-template'],
    [[...preview, '--data', await fileOf('scant.json', { name: 'Asha' })], 'template-variable-missing'],
    [['template', 'preview', 'of-nobody'], 'unknown-template'],
  );
  expect(await trail('template')).toMatchObject([
    {
      action: 'cli.notify.template-set',
      subject: 'payment-received/en-IN',
      arguments: { channels: ['sms'] },
    },
    { outcome: 'SUCCESS' },
  ]);
});

test('what a rule is worded by stays: neither a new wording nor another channel for all rules takes it', async () => {
  const wordingOf = (name: string, parts: object) =>
    fileOf(`${name}.json`, { category: 'transactional', parts });
  const sms = { text: 'Farewell.' };
  const push = { title: 'Farewell', body: 'All is paid.' };
  const set = ['template', 'set', 'farewell', 'en-IN', '--from'];
  await told(...set, await wordingOf('worded', { sms }));
  await told('notices', 'on', '--channels', 'sms');
  const rule = {
    event_type: 'loan.closed',
    template: 'farewell',
    channels: ['sms'],
    category: 'transactional',
  };
  await told('rule', 'set', 'closed', '--from', await fileOf('closed.json', rule));

  expect(await notify(...set, await wordingOf('bare', { push }))).toMatchObject({
    ...{ status: 4, stderr: expect.stringMatching(/template-in-use: .* by sms for the rules: closed\.$/m) },
  });
  await refused([
    ['notices', 'on', '--channels', 'sms,push'],
    '/channels: the rule closed tells by farewell, which has no wording for push',
  ]);
  const { rules } = await told<{ rules: { name: string }[] }>('notices');
  expect(rules.find(({ name }) => name === 'closed')).toMatchObject({ channels: ['sms'] });
  expect((await notify('templates')).stdout).toMatch(/farewell +en-IN +own +1 +transactional +sms\n/);
});

test('no more rules than may be is wrong input, and so is a provider that nobody has', async () => {
  const rule = {
    event_type: 'loan.closed',
    template: 'closed',
    channels: ['sms'],
    category: 'transactional',
  };
  await database.superuser(
    `INSERT INTO notice_rule (tenant_id, name, event_type, template, channels, category, changed_by)
     SELECT 'acme', 'rule-' || n, 'loan.closed', 'closed', '{sms}', 'transactional', 'operator:meera'
     FROM generate_series(1, 50) AS n`,
  );
  await refused(
    [
      ['rule', 'set', 'one-more', '--from', await fileOf('one-more.json', rule)],
      'invalid-notification: A tenant has at most 50 rules.',
    ],
    [['provider', 'remove', 'email', 'pigeon'], 'unknown-provider: There is no provider email/pigeon.'],
  );
  await database.superuser(`DELETE FROM notice_rule WHERE name LIKE 'rule-%'`);
});

test('a wording is taken back, unless a rule needs it; a rule that lost its words is not enabled', async () => {
  const wording = { category: 'transactional', parts: { sms: { text: 'Happy holidays.' } } };
  const rule = {
    ...{ event_type: 'loan.closed', template: 'holiday', channels: ['sms'], category: 'transactional' },
  };
  await told('template', 'set', 'holiday', 'en-IN', '--from', await fileOf('holiday.json', wording));
  await told('rule', 'set', 'holiday-greeting', '--from', await fileOf('rule.json', rule));
  const takeBack = ['template', 'take-back', 'holiday', 'en-IN'];
  expect(await notify(...takeBack)).toMatchObject({
    ...{ status: 4, stderr: expect.stringMatching(/template-in-use: .*: holiday-greeting\.$/m) },
  });
  await told('rule', 'disable', 'holiday-greeting');
  expect((await notify(...takeBack)).stdout).toMatch(/version +2, which takes the wording back/);
  expect((await notify('templates')).stdout).not.toContain('holiday');
  expect((await notify(...takeBack)).status).toBe(1);
  await refused([['rule', 'enable', 'holiday-greeting'], 'There is no template holiday']);
  const { rules } = await told<{ rules: { name: string; enabled: boolean }[] }>('notices');
  expect(rules.find(({ name }) => name === 'holiday-greeting')).toMatchObject({ enabled: false });
  expect(await trail('template-take-back')).toMatchObject([
    { subject: 'holiday/en-IN', outcome: 'FAILED', error_code: 'template-in-use' },
    { subject: 'holiday/en-IN', outcome: 'SUCCESS' },
    { outcome: 'FAILED' },
  ]);
});
