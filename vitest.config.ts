import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.slow.test.ts'],
    globalSetup: ['test/support/servers.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    // CI shares its machine: a test that raced it once gets a second try there, and the report says so.
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 60_000,
  },
});
