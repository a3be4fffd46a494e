import type { Command } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import { resealEndpoints } from '../../events/reseal.ts';
import { PLATFORM } from '../../identity/actor.ts';
import { listTenants } from '../../identity/tenants.ts';
import { openBox, secretKeyFile } from '../../keys.ts';
import { resealProviders } from '../../notifications/providers/reseal.ts';
import { resealGateways } from '../../payments/gateway/reseal.ts';
import { addKey, forgetFormerKeys } from '../../secrets/key-ring.ts';
import type { Resealed } from '../../secrets/reseal.ts';
import { addCommand, addGroup, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { wrongInput } from '../exit.ts';
import { table } from '../output.ts';

/** Every table that holds secrets, by those who own it. */
const RESEALS = [resealEndpoints, resealGateways, resealProviders];

export function secretsCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'secrets', 'The keys that secrets in the database are sealed with');
  addCommand(group, shell, 'rotate', {
    summary: 'Make a new key, and seal every secret of every tenant with it; the former keys stay',
    examples: ['kist secrets rotate'],
    tenant: false,
    async run(context) {
      const file = secretKeyFile(context.config);
      await changing(context, 'rotate', async () => {
        if (file !== null) {
          // Opened first: it makes the file where there is none, and refuses one that is broken.
          await openBox(context.config);
          await addKey(file);
        }
        const done = await resealAll(context);
        context.output.answer({ tables: done }, () =>
          [
            resealedTable(done),
            file === null
              ? 'Sealed with the first key of KIST_SECRET_KEYS: once all processes know it, leave the others out.'
              : `The new key stands first in ${file}. \`kist secrets forget\` takes the former ones away.`,
          ].join('\n'),
        );
      });
    },
  });
  addCommand(group, shell, 'forget', {
    summary:
      'Take the former keys out of the file, once no row is sealed with them any more; links to opt out made with them end',
    examples: ['kist secrets forget'],
    tenant: false,
    async run(context) {
      const file = secretKeyFile(context.config);
      if (file === null)
        throw wrongInput('The keys stand in KIST_SECRET_KEYS: leave the former ones out there.');
      await changing(context, 'forget', async () => {
        await resealAll(context);
        const forgotten = await forgetFormerKeys(file);
        context.output.answer({ forgotten }, () => `${forgotten} former keys taken out of ${file}.`);
      });
    },
  });
}

function changing(context: Context, verb: string, work: () => Promise<void>): Promise<void> {
  return context.change({ action: `cli.secrets.${verb}`, tenant: PLATFORM }, work);
}

/** One short transaction a tenant and table; one that was sealed already is left as it is. */
async function resealAll(context: Context): Promise<Resealed[]> {
  const pool = await context.pool();
  const box = await openBox(context.config);
  const sums = new Map<string, Resealed>();
  for (const { tenant } of await listTenants(pool)) {
    for (const reseal of RESEALS) {
      const done = await inTenant(pool, tenant, (tx) => reseal(tx, box, tenant));
      const sum = sums.get(done.of) ?? { of: done.of, secrets: 0, resealed: 0 };
      sums.set(done.of, {
        ...sum,
        secrets: sum.secrets + done.secrets,
        resealed: sum.resealed + done.resealed,
      });
    }
  }
  return [...sums.values()];
}

function resealedTable(done: readonly Resealed[]): string {
  return table(
    done,
    [
      { title: 'secrets of', text: ({ of }) => of },
      { title: 'in all', text: ({ secrets }) => String(secrets) },
      { title: 'sealed anew', text: ({ resealed }) => String(resealed) },
    ],
    'There is no tenant yet.',
  );
}
