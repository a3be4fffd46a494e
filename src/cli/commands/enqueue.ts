import { type Command, Option } from 'commander';
import type { JobRequest } from '../../runtime/definition.ts';
import type { Acceptance } from '../../runtime/types.ts';
import { addCommand, durationOption, instantOption, numberOption, type Shell } from '../command.ts';
import { CliError, wrongInput } from '../exit.ts';
import { exitOf, jobText } from '../job-text.ts';
import { readPayload } from '../payload.ts';

interface Options {
  key?: string;
  priority?: number;
  runAt?: Date;
  wait?: number;
}

export function enqueueCommand(program: Command, shell: Shell): void {
  addCommand<Options>(program, shell, 'enqueue <kind> [payload]', {
    summary: 'Accept a job. The payload is JSON, @FILE, or - for standard input (default: {})',
    examples: [
      `kist enqueue wallet.deposit '{"wallet":"0197…","amount":"250.00","currency":"INR","reference":"cash-17"}'`,
      'kist enqueue wallet.transfer @transfer.json --key rent-2026-05 --wait 10s',
    ],
    options: [
      new Option('--key <key>', 'idempotency key; default: what the kind derives from the payload'),
      numberOption('--priority <n>', '0 runs first', 0, 1_000),
      instantOption('--run-at <instant>', 'not before this instant'),
      durationOption('--wait <duration>', 'wait so long for it to rest; exit 1 unless it is done'),
    ],
    async run(context, options, kind, given) {
      const payload = await readPayload(given);
      const definition = (await context.registry()).get(kind!);
      if (!definition || definition.public === false) {
        throw wrongInput(`There is no job kind ${kind} that may be asked for.`, ['See docs/jobs.md.']);
      }
      const runtime = await context.runtime();
      const tenant = await context.tenant();
      const request: JobRequest = {
        kind: definition.kind,
        payload,
        ...(options.key === undefined ? {} : { key: options.key }),
        ...(options.priority === undefined ? {} : { priority: options.priority }),
        ...(options.runAt === undefined ? {} : { run_at: options.runAt }),
      };
      const change = { action: 'cli.job.enqueue', tenant, subject: definition.kind, arguments: request };
      const { job, status } = await context.change(change, async () =>
        accepted((await runtime.submit(tenant, context.actor, [request]))[0]!),
      );
      if (status === 'replayed') context.output.note('This job was accepted before.');
      const rested =
        options.wait === undefined ? job : await runtime.waitForRest(tenant, job.id, options.wait);
      context.output.answer({ ...(rested ?? job), replayed: status === 'replayed' }, () =>
        jobText(rested ?? job),
      );
      return options.wait === undefined ? 'ok' : exitOf(rested ?? job);
    },
  });
}

function accepted(acceptance: Acceptance): Extract<Acceptance, { status: 'accepted' | 'replayed' }> {
  if (acceptance.status !== 'refused') return acceptance;
  const { code, message, issues = [] } = acceptance;
  const details = issues.map((issue) => `${issue.pointer || '/'}: ${issue.message}`);
  const said = details.length > 0 ? 'The payload does not fit the kind.' : message;
  throw new CliError(code === 'idempotency-conflict' ? 'refused' : 'usage', code, said, details);
}
