import type { Command } from 'commander';
import { migrate } from '../../db/migrate.ts';
import { PLATFORM } from '../../identity/actor.ts';
import { addCommand, type Shell } from '../command.ts';
import { plural } from '../output.ts';

export function migrateCommand(program: Command, shell: Shell): void {
  addCommand(program, shell, 'migrate', {
    summary: 'Bring the database to this release',
    examples: ['DATABASE_URL=postgres://owner@db/kist kist migrate'],
    tenant: false,
    async run(context) {
      const url = await context.databaseUrl();
      const change = { action: 'cli.database.migrate', tenant: PLATFORM, arguments: {} as unknown };
      const applied = await context.change(change, async () => {
        const names = await migrate(url);
        change.arguments = { applied: names };
        return names;
      });
      context.output.answer({ applied }, () =>
        applied.length === 0
          ? 'The database is up to date.'
          : `${plural(applied.length, 'migration')} applied:\n${applied.map((name) => `  ${name}`).join('\n')}`,
      );
    },
  });
}
