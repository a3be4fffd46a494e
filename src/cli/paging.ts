import { Option } from 'commander';
import { checkId, numberOption } from './command.ts';
import type { Context } from './context.ts';
import { type Column, table } from './output.ts';

const DEFAULT = 20;
export const PAGE_MAX = 200;

export interface PageOptions {
  after?: string;
  limit?: number;
}

export function pageOptions(): Option[] {
  return [
    new Option('--after <id>', 'the page begins after this id').argParser(checkId),
    numberOption('--limit <n>', `how many; default ${DEFAULT}`, 1, PAGE_MAX),
  ];
}

export interface Page<Row> {
  /** What the rows are called in the answer. */
  name: string;
  rows(filter: { after: string | undefined; limit: number }): Promise<readonly Row[]>;
  columns: readonly Column<Row>[];
  /** Said where there are none. */
  empty: string;
}

/** Answers with one page, and says how to come to the next. */
export async function answerPage<Row extends { id: string }>(
  context: Context,
  { after, limit = DEFAULT }: PageOptions,
  page: Page<Row>,
): Promise<void> {
  const rows = await page.rows({ after, limit });
  const next = rows.length === limit ? rows.at(-1)!.id : null;
  context.output.answer({ [page.name]: rows, next }, () => table(rows, page.columns, page.empty));
  if (next) context.output.note(`More: --after ${next}`);
}
