import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { changePolicy, policyChoices, policyOf } from '../../approvals/policy.ts';
import { inTenant } from '../../db/transaction.ts';
import { addTenant, listTenants, newTenant } from '../../identity/tenants.ts';
import { openChart } from '../../ledger/accounts.ts';
import { addCommand, addGroup, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { CliError } from '../exit.ts';
import { facts, instant, table } from '../output.ts';
import { readPayload } from '../payload.ts';

interface AddOptions {
  name: string;
  timeZone: string;
  currency: string;
}

export function tenantCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'tenant', 'Tenants: each with its own jobs, books, services and operators');
  addCommand<AddOptions>(group, shell, 'add <id>', {
    summary: 'Add a tenant and open its chart of accounts',
    examples: ['kist tenant add acme --name "Acme Finance" --time-zone Asia/Kolkata --currency INR'],
    tenant: false,
    options: [
      new Option('--name <name>', 'as people call it').makeOptionMandatory(),
      new Option('--time-zone <zone>', 'IANA time zone of its business days').default('Asia/Kolkata'),
      new Option('--currency <code>', 'ISO 4217 code of its books').default('INR'),
    ],
    async run(context, { name, timeZone, currency }, id) {
      const tenant = newTenant.parse({ tenant: id, name, time_zone: timeZone, currency });
      const pool = await context.pool();
      const change = {
        action: 'cli.tenant.add',
        tenant: tenant.tenant,
        subject: tenant.tenant,
        arguments: tenant,
      };
      await context.change(change, async () => {
        const added = await addTenant(pool, tenant);
        // Again for a tenant that is there already: it may have been left without its chart.
        await inTenant(pool, tenant.tenant, (tx) => openChart(tx, tenant.tenant, tenant.currency));
        if (!added)
          throw new CliError('refused', 'already-exists', `There is a tenant ${tenant.tenant} already.`);
      });
      context.output.answer(tenant, () => `Tenant ${tenant.tenant} is there, its chart of accounts open.`);
    },
  });
  addCommand(group, shell, 'list', {
    summary: 'Every tenant',
    examples: ['kist tenant list'],
    tenant: false,
    async run(context) {
      const tenants = await listTenants(await context.pool());
      context.output.answer({ tenants }, () =>
        table(
          tenants,
          [
            { title: 'tenant', text: ({ tenant }) => tenant },
            { title: 'name', text: ({ name }) => name },
            { title: 'time zone', text: ({ time_zone }) => time_zone },
            { title: 'currency', text: ({ currency }) => currency },
            { title: 'since', text: ({ created_at }) => instant(created_at) },
          ],
          'No tenants yet: `kist tenant add`.',
        ),
      );
    },
  });
  addCommand(group, shell, 'policy [choices]', {
    summary: 'Show what takes more than one person; with JSON, @FILE or -: change that, at once',
    examples: [
      'kist tenant policy',
      `kist tenant policy '{"loan_approval_above":"250000","quorum":[{"above":"0","approvers":2}]}'`,
    ],
    async run(context, _options, choices) {
      const tenant = await context.tenant();
      const pool = await context.pool();
      const policy =
        choices === undefined
          ? await inTenant(pool, tenant, policyOf)
          : await setPolicy(context, tenant, policyChoices.parse(await readPayload(choices)));
      context.output.answer(policy, () => facts(Object.entries(policy)));
    },
  });
}

/** Whoever has the command line has the database: here one person is enough, and the audit trail names them. */
async function setPolicy(context: Context, tenant: string, choices: z.output<typeof policyChoices>) {
  const change = { action: 'cli.tenant.policy', tenant, subject: tenant, arguments: choices };
  const pool = await context.pool();
  return context.change(change, () =>
    inTenant(pool, tenant, (tx) => changePolicy(tx, choices, context.actor)),
  );
}
