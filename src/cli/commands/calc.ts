import { type Command, Option } from 'commander';
import { calculate, calculationSchemas } from '../../loans/calculator/calculate.ts';
import { CalculationError } from '../../loans/calculator/errors.ts';
import { addPlainCommand, type Shell } from '../command.ts';
import type { Exit } from '../exit.ts';
import { type Line, linesOf } from '../lines.ts';

/** A request of 10,000 flows fits well; nothing longer is read. */
const LINE_BYTES_MAX = 1_048_576;
/** Answers are gathered up to this size before they are written. */
const WRITE_CHARACTERS = 65_536;

interface Options {
  explain?: boolean;
  schema?: boolean;
}

export function calcCommand(program: Command, shell: Shell): void {
  const command = addPlainCommand<Options>(program, shell, 'calc', {
    summary: 'Calculate: one JSON request a line on standard input, one JSON answer a line, in order',
    examples: [
      `echo '{"fn":"pmt","rate":"0.01","nper":12,"pv":"100000"}' | kist calc`,
      'kist calc --explain < requests.jsonl > answers.jsonl',
      'kist calc --schema',
    ],
    options: [
      new Option('--explain', 'every number with its rule, inputs, unrounded value and rounding'),
      new Option('--schema', 'print the JSON Schema of every function, and end'),
    ],
    run: async ({ explain = false, schema }) => {
      // Whoever reads may go away: each write hears of it.
      process.stdout.on('error', () => {});
      if (!schema) return answerAll(explain);
      await write(`${JSON.stringify(calculationSchemas(), null, 2)}\n`);
      return 'ok';
    },
  });
  command.addHelpText(
    'after',
    '\nA request that has no answer is answered with {"error":{"code","message","field"}}, and the next one is read;\n' +
      'exit 0 says that every line was answered; 70 that one met a fault in kist itself. Empty lines are passed over. No database is asked.',
  );
}

async function answerAll(explain: boolean): Promise<Exit> {
  let exit: Exit = 'ok';
  let text = '';
  for await (const lines of linesOf(process.stdin, LINE_BYTES_MAX)) {
    for (const line of lines) {
      const answer = answerOf(line, explain);
      if (answer === null) continue;
      if (answer.fault) exit = 'fault';
      text += `${answer.json}\n`;
      if (text.length < WRITE_CHARACTERS) continue;
      if (!(await write(text))) return exit;
      text = '';
    }
    if (text !== '' && !(await write(text))) return exit;
    text = '';
  }
  return exit;
}

interface Answer {
  json: string;
  /** Not the request was wrong, but the calculator. */
  fault: boolean;
}

/** The answer to one line; null where it is empty. */
function answerOf(line: Line, explain: boolean): Answer | null {
  try {
    if ('tooLong' in line) {
      throw new CalculationError('line-too-long', `A line has at most ${LINE_BYTES_MAX} bytes.`, '');
    }
    const text = utf8(line.text).trim();
    if (text === '') return null;
    return { json: JSON.stringify(calculate(parsed(text), { explain })), fault: false };
  } catch (thrown) {
    const { message } = thrown as Error;
    const fault = !(thrown instanceof CalculationError);
    const { code, field } = fault ? { code: 'internal-error', field: '' } : thrown;
    return { json: JSON.stringify({ error: { code, message, field } }), fault };
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function utf8(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new CalculationError('malformed-json', 'The line is not UTF-8.', '');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CalculationError('malformed-json', (error as Error).message, '');
  }
}

const READER_GONE = new Set<string | undefined>(['EPIPE', 'ERR_STREAM_DESTROYED']);

/** Writes, and waits until it is taken. @returns false where nobody reads any more */
function write(text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) resolve(true);
      else if (READER_GONE.has((error as NodeJS.ErrnoException).code)) resolve(false);
      else reject(error);
    });
  });
}
