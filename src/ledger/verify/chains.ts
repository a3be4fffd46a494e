import type { Transaction } from '../../db/pools.ts';
import { GENESIS, journalHash } from './canonical.ts';
import { Cursor } from './cursor.ts';
import { BadRow } from './finding.ts';
import { type JournalWithEntries, journals, type RangeRow, ranges, type StreamRow, streams } from './rows.ts';
import { Tree } from './tree.ts';
import { units } from './units.ts';

/** What the walk over all journals leaves for the checks that follow it. */
export interface Walked {
  streams: number;
  journals: number;
  entries: number;
  /** Journals under no seal yet. */
  unsealed: number;
  /** Per seal number, the tree over the journals that it covers as they stand. */
  trees: Map<bigint, Tree>;
  /** Per seal number and control account: what the journals under that seal debited, net, in units. */
  sealed: Map<bigint, Map<string, bigint>>;
}

/** One stream on the walk: how far it got, and which seal covers where it stands. */
interface Place {
  stream: StreamRow;
  seq: bigint;
  hash: string;
  range: RangeRow | undefined;
  /** Up to where ranges were read; the stream's sealed part ends there. */
  sealed_to: bigint;
}

/**
 * Walks all journals in the order of (stream, seq), beside the streams and the ranges of the seals in the same
 * order, so that each row is read once and nothing is kept but one stream's place.
 * @throws BadRow at the first row that is not right.
 */
export async function walkChains(
  tx: Transaction,
  tenant: string,
  controls: ReadonlySet<string>,
  onProgress: (journals: number) => void,
): Promise<Walked> {
  const walked: Walked = {
    streams: 0,
    journals: 0,
    entries: 0,
    unsealed: 0,
    trees: new Map(),
    sealed: new Map(),
  };
  const allStreams = new Cursor(streams(tx));
  const allRanges = new Cursor(ranges(tx));
  let place: Place | undefined;

  /** Ends the stream walked last and begins at the one named; passes over streams without journals. */
  const moveTo = async (id: string | null): Promise<Place | undefined> => {
    if (place) await endStream(place, allRanges);
    for (let next = await allStreams.take(); next; next = await allStreams.take()) {
      walked.streams += 1;
      const begun = { stream: next, seq: 0n, hash: GENESIS, range: undefined, sealed_to: 0n };
      if (next.id === id) return begun;
      if (id !== null && next.id > id) break;
      await endStream(begun, allRanges);
    }
    if (id !== null)
      throw new BadRow('journal-inserted', 'stream', id, `Stream ${id} has journals but was never begun.`);
    return undefined;
  };

  for await (const batch of journals(tx)) {
    for (const journal of batch) {
      if (place?.stream.id !== journal.stream) place = await moveTo(journal.stream);
      const at = place!;
      checkJournal(tenant, at, journal);
      if (at.seq > at.sealed_to) await nextRange(at, allRanges);
      count(walked, at, journal, controls);
    }
    walked.journals += batch.length;
    onProgress(batch.length);
  }
  await moveTo(null);
  const stray = await allRanges.peek();
  if (stray)
    throw new BadRow(
      'seal-range-mismatch',
      'seal_range',
      rangeId(stray),
      `Seal ${stray.seal} covers stream ${stray.stream}, which does not exist.`,
    );
  return walked;
}

function checkJournal(tenant: string, place: Place, journal: JournalWithEntries): void {
  const { id, stream, seq } = journal;
  const name = `Journal ${id} (${seq} of stream ${stream})`;
  const bad = (code: BadRow['finding']['code'], message: string) => new BadRow(code, 'journal', id, message);
  if (seq !== place.seq + 1n)
    throw bad('journal-missing', `${name} follows number ${place.seq}: those between are missing.`);
  const entries = journal.lines.map((line, index) => ({
    line,
    account: journal.accounts[index]!,
    direction: journal.directions[index]!,
    amount: journal.amounts[index]!,
    currency: journal.currencies[index]!,
  }));
  if (journalHash(tenant, journal, entries) !== journal.hash) {
    throw bad('hash-mismatch', `${name} or its entries are not what was hashed when it was posted.`);
  }
  if (journal.prev_hash !== place.hash)
    throw bad('chain-broken', `${name} does not continue the journal before it.`);
  if (!isBalanced(journal)) throw bad('unbalanced', `${name} does not balance, or is not whole.`);
  place.seq = seq;
  place.hash = journal.hash;
}

/** At least two lines, numbered from 1, each above zero, and debits equal to credits in each currency. */
function isBalanced({ lines, directions, amounts, currencies }: JournalWithEntries): boolean {
  const debits = new Map<string, bigint>();
  for (const [index, amount] of amounts.entries()) {
    const value = units(amount);
    if (value === null || value <= 0n || lines[index] !== index + 1) return false;
    const before = debits.get(currencies[index]!) ?? 0n;
    debits.set(currencies[index]!, directions[index] === 'debit' ? before + value : before - value);
  }
  return lines.length >= 2 && [...debits.values()].every((rest) => rest === 0n);
}

/** Goes on to the range that begins after the last one of the place's stream, if there is one. */
async function nextRange(place: Place, allRanges: Cursor<RangeRow>): Promise<void> {
  const range = await allRanges.peek();
  if (!range || range.stream > place.stream.id) {
    place.range = undefined;
    return;
  }
  const from = range.from_seq;
  if (range.stream < place.stream.id || from !== place.sealed_to + 1n || range.to_seq < from) {
    throw new BadRow(
      'seal-range-mismatch',
      'seal_range',
      rangeId(range),
      `Seal ${range.seal} covers stream ${range.stream} from ${from}; the seals before end at ${place.sealed_to}.`,
    );
  }
  place.range = range;
  place.sealed_to = range.to_seq;
  await allRanges.take();
}

async function endStream(place: Place, allRanges: Cursor<RangeRow>): Promise<void> {
  const { stream, seq } = place;
  const { id } = stream;
  if ((await allRanges.peek())?.stream === id && place.sealed_to <= seq) await nextRange(place, allRanges);
  if (place.sealed_to > seq) {
    throw new BadRow(
      'tail-cut',
      'stream',
      id,
      `Stream ${id} ends at ${seq}, but seal ${place.range?.seal} covers it up to ${place.sealed_to}.`,
    );
  }
  if (stream.head_seq > seq) {
    throw new BadRow(
      'tail-cut',
      'stream',
      id,
      `Stream ${id} ends at ${seq}, but its head stands at ${stream.head_seq}.`,
    );
  }
  if (stream.head_seq < seq) {
    throw new BadRow(
      'journal-inserted',
      'stream',
      id,
      `Stream ${id} goes on to ${seq}, but its head stands at ${stream.head_seq}.`,
    );
  }
  if (stream.head_hash !== place.hash) {
    throw new BadRow(
      'head-mismatch',
      'stream',
      id,
      `The head of stream ${id} is not the hash of its last journal.`,
    );
  }
  if (stream.sealed_seq !== place.sealed_to) {
    throw new BadRow(
      'seal-range-mismatch',
      'stream',
      id,
      `Stream ${id} counts as sealed up to ${stream.sealed_seq}; seals cover it up to ${place.sealed_to}.`,
    );
  }
}

/** Adds a journal that is right to its seal's tree and control accounts. */
function count(
  walked: Walked,
  place: Place,
  journal: JournalWithEntries,
  controls: ReadonlySet<string>,
): void {
  walked.entries += journal.lines.length;
  const seal = place.range?.seal;
  if (seal === undefined || place.seq > place.sealed_to) {
    walked.unsealed += 1;
    return;
  }
  if (!walked.trees.has(seal)) walked.trees.set(seal, new Tree());
  walked.trees.get(seal)!.add(journal.hash);
  for (const [index, account] of journal.accounts.entries()) {
    if (!controls.has(account)) continue;
    if (!walked.sealed.has(seal)) walked.sealed.set(seal, new Map());
    const moved = walked.sealed.get(seal)!;
    const value = units(journal.amounts[index]!)!;
    moved.set(account, (moved.get(account) ?? 0n) + (journal.directions[index] === 'debit' ? value : -value));
  }
}

function rangeId({ seal, stream }: RangeRow): string {
  return `${seal}/${stream}`;
}
