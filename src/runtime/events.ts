import { EventEmitter } from 'node:events';

/**
 * Everything the runtime tells about itself. Logs, metrics and traces subscribe; the runtime knows none
 * of them. Durations are in seconds, as Prometheus wants them.
 */
export interface RuntimeEventMap {
  accepted: [{ tenant: string; kind: string; count: number }];
  replayed: [{ tenant: string; kind: string; count: number }];
  dispatched: [{ queue: string; count: number }];
  /** The carrier could not be told; the sweeper will. */
  'dispatch-failed': [{ queue: string; count: number; error: Error }];
  /** A group, or one staged job, ran. */
  ran: [{ kind: string; jobs: number; seconds: number }];
  done: [
    { tenant: string; kind: string; id: string; key: string; attempt: number; seconds_since_accept: number },
  ];
  retried: [
    { tenant: string; kind: string; id: string; key: string; attempt: number; code: string; message: string },
  ];
  snoozed: [
    { tenant: string; kind: string; id: string; key: string; attempt: number; code: string; message: string },
  ];
  dead: [
    { tenant: string; kind: string; id: string; key: string; attempt: number; code: string; message: string },
  ];
  held: [
    { tenant: string; kind: string; id: string; key: string; attempt: number; code: string; message: string },
  ];
  cancelled: [
    { tenant: string; kind: string; id: string; key: string; attempt: number; code: string; message: string },
  ];
  redriven: [{ tenant: string; kind: string; id: string; key: string }];
  swept: [{ looked_at: number; dispatched: number }];
  'carrier-error': [{ queue: string; error: Error }];
}

export type RuntimeEvents = EventEmitter<RuntimeEventMap>;

export function createEvents(): RuntimeEvents {
  return new EventEmitter<RuntimeEventMap>();
}
