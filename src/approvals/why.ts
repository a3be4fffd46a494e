import { z } from 'zod';

const LENGTH_MAX = 500;

/** Why people decide as they do: part of what is agreed to. */
export const why = z.string().min(1).max(LENGTH_MAX);
