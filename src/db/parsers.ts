import type { DriverTypeParser } from 'slonik';

const asIs = (value: string): string => value;

/**
 * Replaces slonik's own set, which reads NUMERIC with parseFloat (12345678901234.5678 came back as
 * ….568) and timestamps as milliseconds. Here NUMERIC and DATE stay strings, INT8 is a bigint,
 * TIMESTAMPTZ is a Date.
 */
export const typeParsers: readonly DriverTypeParser[] = [
  { name: 'numeric', parse: asIs },
  { name: 'date', parse: asIs },
  { name: 'int8', parse: (value: string) => BigInt(value) },
  { name: 'timestamptz', parse: (value: string) => new Date(value) },
];
