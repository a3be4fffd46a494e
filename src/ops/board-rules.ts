/**
 * What may be done on the board. The rows are the truth, so the board's many other buttons (edit, add,
 * duplicate, promote, clean, empty, obliterate, pause …) would only disturb the carrier or lie.
 */
const ACTIONS: Record<string, string> = {
  'PUT /api/queues/:queueName/:jobId/retry': 'board.retry',
  'PUT /api/queues/:queueName/retry/:queueStatus': 'board.retry-all',
};

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface BoardRequest {
  method: string;
  /** The route below the board's prefix, with its parameters' names. */
  route: string;
  queue?: string | undefined;
  status?: string | undefined;
}

export type Verdict =
  | { kind: 'look' }
  | { kind: 'act'; action: string }
  | { kind: 'refused'; action: string; status: 405; code: 'not-on-the-board'; message: string };

/** Judges by what is asked for alone; who may act is decided elsewhere. */
export function judge(request: BoardRequest, isDeadLetterQueue: (queue: string) => boolean): Verdict {
  if (SAFE_METHODS.has(request.method)) return { kind: 'look' };
  const action = ACTIONS[`${request.method} ${request.route}`];
  if (!action) {
    return refused(
      actionName(request),
      'The board cannot do this: Kist decides it by the rows in the database.',
    );
  }
  if (!isDeadLetterQueue(request.queue ?? '')) {
    return refused(action, 'Only dead letters can be tried again; working queues look after themselves.');
  }
  if (request.status !== undefined && request.status !== 'failed') {
    return refused(action, 'Only entries that lie in the failed set are dead letters.');
  }
  return { kind: 'act', action };
}

function refused(action: string, message: string): Verdict {
  return { kind: 'refused', action, status: 405, code: 'not-on-the-board', message };
}

/** `PUT /api/queues/:queueName/:jobId/clean` is `board.clean` in the audit trail. */
function actionName({ route }: BoardRequest): string {
  const words = route.split('/').filter((part) => part && !part.startsWith(':'));
  return `board.${words.at(-1) ?? 'unknown'}`;
}
