import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import { ROLES, type Role } from '../../identity/actor.ts';
import {
  addOperator,
  endSessions,
  listOperators,
  normalEmail,
  type OperatorView,
  setLocked,
} from '../../identity/operators.ts';
import { addCommand, addGroup, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { notFound } from '../exit.ts';
import { plural, table } from '../output.ts';

const PASSWORD_BYTES = 15;

interface AddOptions {
  name?: string;
  role: Role;
  passwordStdin?: boolean;
}

export function operatorCommands(program: Command, shell: Shell): void {
  const group = addGroup(
    program,
    'operator',
    'Operators: people who log in (tenant platform: those who run Kist)',
  );
  addAdd(group, shell);
  addLock(group, shell, 'lock', 'Lock an operator out; every session ends at once, everywhere');
  addLock(group, shell, 'unlock', 'Let a locked operator in again');
  addCommand(group, shell, 'logout <email>', {
    summary: 'End every session of an operator, everywhere',
    examples: ['kist operator logout asha@acme.example'],
    async run(context, _options, email) {
      const { tenant, operator } = await find(context, email!);
      const pool = await context.pool();
      const change = { action: 'cli.operator.logout', tenant, subject: operator.id };
      const ended = await context.change(change, () =>
        inTenant(pool, tenant, (tx) => endSessions(tx, tenant, operator.id)),
      );
      context.output.answer({ ended }, () => `${plural(ended, 'session')} ended.`);
    },
  });
  addCommand(group, shell, 'list', {
    summary: 'The operators of a tenant',
    examples: ['kist operator list --tenant platform'],
    async run(context) {
      const operators = await listOperators(await context.pool(), await context.tenant());
      context.output.answer({ operators }, () =>
        table(
          operators,
          [
            { title: 'e-mail', text: ({ email }) => email },
            { title: 'name', text: ({ name }) => name },
            { title: 'role', text: ({ role }) => role },
            { title: 'locked', text: ({ locked_at }) => (locked_at ? 'yes' : '') },
          ],
          'No operators yet: `kist operator add`.',
        ),
      );
    },
  });
}

function addAdd(group: Command, shell: Shell): void {
  addCommand<AddOptions>(group, shell, 'add <email>', {
    summary: 'Add an operator; the password is made here and shown once, or read from standard input',
    examples: [
      'kist operator add asha@acme.example --name "Asha Rao" --role approver',
      'kist operator add ops@kist.example --tenant platform --role admin --password-stdin < password.txt',
    ],
    options: [
      new Option('--name <name>', 'as people call them; default: the e-mail address'),
      new Option('--role <role>', 'what they may do').choices(ROLES).default('viewer'),
      new Option('--password-stdin', 'read the password from standard input'),
    ],
    async run(context, { name, role, passwordStdin }, given) {
      const email = normalEmail(given!);
      const password = passwordStdin
        ? (await text(process.stdin)).replace(/\r?\n$/, '')
        : randomBytes(PASSWORD_BYTES).toString('base64url');
      const tenant = await context.tenant();
      const pool = await context.pool();
      const change = { action: 'cli.operator.add', tenant, subject: email, arguments: { email, role } };
      const id = await context.change(change, () =>
        addOperator(pool, { tenant, email, name: name ?? email, role, password }),
      );
      const shown = passwordStdin ? {} : { password };
      context.output.answer({ id, tenant, email, role, ...shown }, () =>
        [
          `Operator ${email} (${role} of ${tenant}) may log in.`,
          ...(passwordStdin ? [] : [`Password, shown only now: ${password}`]),
        ].join('\n'),
      );
    },
  });
}

function addLock(group: Command, shell: Shell, verb: 'lock' | 'unlock', summary: string): void {
  addCommand(group, shell, `${verb} <email>`, {
    summary,
    examples: [`kist operator ${verb} asha@acme.example`],
    async run(context, _options, email) {
      const { tenant, operator } = await find(context, email!);
      const pool = await context.pool();
      const change = { action: `cli.operator.${verb}`, tenant, subject: operator.id };
      await context.change(change, () => setLocked(pool, tenant, operator.id, verb === 'lock'));
      context.output.answer(
        { id: operator.id, locked: verb === 'lock' },
        () => `${operator.email}: ${verb}ed.`,
      );
    },
  });
}

async function find(context: Context, email: string): Promise<{ tenant: string; operator: OperatorView }> {
  const tenant = await context.tenant();
  const operators = await listOperators(await context.pool(), tenant);
  const operator = operators.find((each) => each.email === normalEmail(email));
  if (!operator) throw notFound(`There is no operator ${email} of tenant ${tenant}.`);
  return { tenant, operator };
}
