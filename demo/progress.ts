import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  step(): void;
  end(note?: string): void;
}

/** A bar where a person looks on; a line at the beginning and one at the end otherwise. */
export function progress(what: string, total: number): Progress {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1_000).toFixed(1);
  if (!process.stdout.isTTY) {
    return {
      step: () => {},
      end: (note) => console.log(`${what}: ${total} in ${seconds()} s${note ? `; ${note}` : ''}`),
    };
  }
  const bar = new SingleBar(
    { format: `${what.padEnd(36)} {bar} {value}/{total}  {note}`, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(total, 0, { note: '' });
  return {
    step: () => bar.increment(),
    end: (note) => {
      bar.update(total, { note: `${seconds()} s${note ? `; ${note}` : ''}` });
      bar.stop();
    },
  };
}
