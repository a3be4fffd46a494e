import { defineConfig, mergeConfig } from 'vitest/config';
import quick from './vitest.config.ts';

export default mergeConfig(
  { ...quick, test: { ...quick.test, include: [], exclude: [] } },
  defineConfig({
    test: { include: ['test/**/*.slow.test.ts'], passWithNoTests: true, testTimeout: 300_000 },
  }),
);
