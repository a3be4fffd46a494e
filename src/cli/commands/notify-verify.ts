import { type Command, Option } from 'commander';
import { UnstorableValue } from '../../db/canonical-json.ts';
import { checkProof, type Proof, type ProofCheck, proofSchema } from '../../notifications/proof/bundle.ts';
import { addCommand, type Shell } from '../command.ts';
import { wrongInput } from '../exit.ts';
import { readBytes, readPayload } from '../payload.ts';

export function verifyCommand(notify: Command, shell: Shell): void {
  addCommand<{ sha256?: string; attachment?: string }>(notify, shell, 'verify <file>', {
    summary:
      'Recompute the proof of a notification from what it says; exit 1 names the first part that was changed',
    examples: [
      'kist notify verify proof.json',
      'kist notify verify proof.json --sha256 6b3a…   # as the audit trail keeps it',
      'kist notify verify proof.json --attachment statement.pdf',
    ],
    tenant: false,
    options: [
      new Option('--sha256 <hash>', 'the last hash, as it was kept elsewhere'),
      new Option('--attachment <file>', 'a file that is said to have come with the message'),
    ],
    async run(context, { sha256, attachment }, file) {
      const proof = proofSchema.parse(await readPayload(`@${file}`));
      const check = checked(
        proof,
        sha256,
        attachment === undefined ? undefined : await readBytes(attachment),
      );
      context.output.answer(check, () => checkText(check));
      return check.ok ? 'ok' : 'no';
    },
  });
}

function checked(proof: Proof, sha256: string | undefined, file: Buffer | undefined): ProofCheck {
  try {
    return checkProof(proof, sha256, file);
  } catch (error) {
    if (error instanceof UnstorableValue) throw wrongInput(`${error.pointer}: ${error.message}`);
    throw error;
  }
}

function checkText({ finding, notification, parts, sha256, tries = [] }: ProofCheck): string {
  if (finding !== null) return `Notification ${notification}: ${finding}`;
  return [
    `Notification ${notification}: all ${parts} parts are as they were written (${sha256}).`,
    ...tries.map(
      ({ number, provider, outcome }) =>
        `The file went out by ${provider}, try ${number}: ${outcome ?? 'under way, or cut off'}.`,
    ),
  ].join('\n');
}
