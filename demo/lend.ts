import type { Client } from '../src/client/client.ts';
import { type Expectations, refusalOf } from './expectations.ts';
import { emailOf } from './notices.ts';
import { progress } from './progress.ts';
import type { ApplicationLine } from './read-csv.ts';
import { together } from './together.ts';

const REQUESTS_AT_ONCE = 16;

/** As far as the demo reads the API's answer. */
interface Application {
  id: string;
  reference: string;
  state: string;
  decision: { outcome: string; reasons: string[] } | null;
  links: { loan?: string; job?: string };
}

/** Sends every line as the lender's own system would. @returns the applications that were taken. */
export async function apply(
  kist: Client,
  lines: readonly ApplicationLine[],
  expectations: Expectations,
): Promise<{ line: ApplicationLine; application: Application }[]> {
  const bar = progress('Applications sent', lines.length);
  const taken = new Map<string, { line: ApplicationLine; application: Application }>();
  for (const wave of waves(lines)) {
    await together(wave, REQUESTS_AT_ONCE, async (line) => {
      bar.step();
      try {
        const application = await kist.request<Application>('POST', '/v1/loan-applications', {
          ...{ body: bodyOf(line), repeatable: true },
        });
        if (line.expected === 'replayed') {
          const same = taken.get(line.reference)?.application.id === application.id;
          expectations.check(line.reference, 'replayed', same ? 'replayed' : 'another application');
        } else taken.set(line.reference, { line, application });
      } catch (error) {
        expectations.check(line.reference, line.expected, refusalOf(error));
      }
    });
  }
  bar.end();
  return [...taken.values()];
}

/** Lines of one applicant or one reference go one after the other, so that the first is the first. */
function waves(lines: readonly ApplicationLine[]): ApplicationLine[][] {
  const seen = new Set<string>();
  const first: ApplicationLine[] = [];
  const later: ApplicationLine[] = [];
  for (const line of lines) {
    const again = seen.has(line.applicant) || seen.has(line.reference);
    (again ? later : first).push(line);
    seen.add(line.applicant).add(line.reference);
  }
  return [first, later];
}

function bodyOf(line: ApplicationLine): unknown {
  const { reference, applicant, name, phone, date_of_birth, city, expected: _, ...rest } = line;
  const months = rest.tenure_months;
  return {
    reference,
    applicant: { reference: applicant, name, phone, email: emailOf(applicant), date_of_birth, city },
    ...rest,
    tenure_months: /^\d+$/.test(months) ? Number(months) : months,
  };
}

/** Waits for the credit checks. @returns the applications as decided, in the order given. */
export async function decisions(
  kist: Client,
  taken: readonly { line: ApplicationLine; application: Application }[],
  expectations: Expectations,
): Promise<Application[]> {
  const bar = progress('Credit checks', taken.length);
  const decided = await together(taken, REQUESTS_AT_ONCE, async ({ line, application }) => {
    const { job } = application.links;
    if (job) await kist.waitForRest(idOf(job));
    const seen = await kist.request<Application>('GET', `/v1/loan-applications/${application.id}`);
    const { outcome = seen.state, reasons = [] } = seen.decision ?? {};
    expectations.check(line.reference, line.expected, [outcome, ...reasons.slice(0, 1)].join('/'));
    bar.step();
    return seen;
  });
  bar.end();
  return decided;
}

/**
 * A second person approves what was offered, a third one what is above the limit as well; what the rules
 * could not decide is turned down.
 */
export async function judge(
  approvers: { branch: Client; region: Client },
  applications: readonly Application[],
): Promise<{ approved: Application[]; disbursals: string[] }> {
  const path = (application: Application) => `/v1/loan-applications/${application.id}`;
  const referred = applications.filter(({ state }) => state === 'referred');
  for (const application of referred) {
    const body = { reason: 'No credit history, and nobody to vouch.' };
    await approvers.branch.request('POST', `${path(application)}/reject`, { body, repeatable: true });
  }
  const offered = applications.filter(({ state }) => state === 'offered');
  const bar = progress('Approvals', offered.length);
  let large = 0;
  const approved = await together(offered, REQUESTS_AT_ONCE, async (application) => {
    bar.step();
    const approve = (client: Client) =>
      client.request<Application>('POST', `${path(application)}/approve`, { repeatable: true });
    const answer = await approve(approvers.branch);
    if (answer.state === 'approved') return answer;
    large += 1;
    return approve(approvers.region);
  });
  bar.end(`${large} by two people, ${referred.length} turned down by a person`);
  return {
    // Those of an earlier run stand approved.
    approved: [...applications.filter(({ state }) => state === 'approved'), ...approved],
    disbursals: approved.flatMap(({ links }) => (links.job ? [idOf(links.job)] : [])),
  };
}

/** Waits until every loan is paid out. */
export async function disbursals(kist: Client, jobs: readonly string[]): Promise<void> {
  const bar = progress('Disbursals', jobs.length);
  await together(jobs, REQUESTS_AT_ONCE, async (job) => {
    await kist.waitForRest(job);
    bar.step();
  });
  bar.end();
}

export function idOf(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1);
}
