import { sql } from 'slonik';

type Fragment = ReturnType<typeof sql.fragment>;

const LISTS = {
  uuid: (value: string): Fragment => sql.fragment`ARRAY[${value}]::uuid[]`,
  text: (value: string): Fragment => sql.fragment`ARRAY[${value}]::text[]`,
} as const;

/** A list as a prepared statement takes it, and what belongs to the statement's name: `one` or `many`. */
export interface List {
  values: Fragment | ReturnType<typeof sql.array>;
  size: 'one' | 'many';
}

/**
 * A list of one is told as one. Of a list of any length Postgres believes that it has ten, holds the plan that it keeps
 * for dear, and plans anew every time: 0.9 ms for claiming one job, half of what claiming it takes.
 */
export function listOf(values: readonly string[], type: keyof typeof LISTS): List {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return { values: LISTS[type](only), size: 'one' };
  return { values: sql.array([...values], type), size: 'many' };
}
