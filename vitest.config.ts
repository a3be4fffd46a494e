import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.slow.test.ts'],
    globalSetup: ['test/support/servers.ts'],
    pool: 'forks',
    // Programs that tests start are compiled once, not each time.
    env: { NODE_COMPILE_CACHE: path.join(import.meta.dirname, 'node_modules/.cache/tests') },
    maxWorkers: 2,
    testTimeout: 60_000,
    // CI shares its machine: a test that raced it once gets a second try there, and the report says so.
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 60_000,
  },
});
