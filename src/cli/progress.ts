import { Presets, SingleBar } from 'cli-progress';
import type { Output } from './output.ts';

export interface Progress {
  update(done: number, total: number): void;
  stop(): void;
}

/** A bar on stderr where a person watches; nothing where a program does. @param unit what is counted */
export function progressBar(output: Output, title: string, unit = 'rows'): Progress {
  if (output.json || !process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const format = `${title} {bar} {percentage}% | {value} of {total} ${unit} | {eta_formatted} left`;
  const bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
  let begun = false;
  return {
    update: (done, total) => {
      if (!begun) bar.start(total, done);
      else bar.update(done);
      begun = true;
    },
    stop: () => bar.stop(),
  };
}
