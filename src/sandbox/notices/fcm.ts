import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Table } from '../store.ts';
import type { Said } from './answering.ts';
import type { NoticeFault } from './faults.ts';
import { fcmRefusal, fcmRefused } from './fcm-errors.ts';
import { type PushRequest, readPush } from './fcm-message.ts';
import type { FcmTokens } from './fcm-tokens.ts';
import { digitsOf } from './names.ts';
import type { NoticeAccount } from './settings.ts';
import type { Workings } from './workings.ts';

/** Firebase Cloud Messaging's sending, and the devices at the other end. */
export class Fcm {
  readonly #workings: Workings;
  readonly #tokens: FcmTokens;
  readonly #gone: Table<{ id: string }>;

  constructor(workings: Workings, tokens: FcmTokens) {
    this.#workings = workings;
    this.#tokens = tokens;
    this.#gone = workings.store.table('fcm-gone');
  }

  /** The app is no longer on the device. */
  uninstall(token: string): void {
    this.#gone.put({ id: token });
  }

  mount(app: FastifyInstance): void {
    app.post('/v1/projects/:project/messages::send', (request, reply) => {
      const { project } = request.params as { project: string };
      const account = this.#workings.accounts.by('project_id', project);
      const device = deviceOf(request.body);
      return this.#workings.answering.answer(reply, {
        ...{ call: 'fcm.send', account, subjects: [device], groups: ['answer', 'push'] },
        refused: (fault, reason) => this.#refused(fault, reason, { request, device }),
        act: () => this.#send(this.#admitted(request, account), request.body),
      });
    });
  }

  /** A fault of a token or a device lasts. */
  #refused(
    fault: NoticeFault,
    reason: string | null,
    { request, device }: { request: FastifyRequest; device: string | null },
  ): Said | null {
    if (fault === 'token-expired') this.#tokens.forget(bearerOf(request));
    if (fault === 'unregistered' && device !== null) this.uninstall(device);
    return fcmRefused(fault, reason);
  }

  /** @throws Refusal 401, 403 */
  #admitted(request: FastifyRequest, account: NoticeAccount | null): NoticeAccount {
    const holder = this.#tokens.holderOf(bearerOf(request));
    if (!holder) throw fcmRefusal('UNAUTHENTICATED');
    if (!account || holder !== account || account.is_suspended) throw fcmRefusal('PERMISSION_DENIED');
    return account;
  }

  #send(account: NoticeAccount, body: unknown): Said {
    const push = readPush(body);
    if (this.#gone.get(push.token)) throw fcmRefusal('UNREGISTERED');
    const { inbox, settings } = this.#workings;
    const number = digitsOf(`${settings.seed}/fcm/${inbox.count}`, 16);
    const name = `projects/${account.project_id}/messages/0:${number}`;
    if (!push.is_trial) this.#reach(account, push, name);
    return { status: 200, body: { name } };
  }

  #reach(account: NoticeAccount, push: PushRequest, provider_id: string): void {
    const { token: to, title, body, image, data, collapse_key } = push;
    this.#workings.inbox.put({
      ...{ account: account.id, provider: 'fcm', channel: 'push', to, name: null, provider_id },
      ...{ reference: collapse_key, arrived: true, fate: null, events: [] },
      ...{ title, body, image, data, collapse_key },
    });
  }
}

function bearerOf(request: FastifyRequest): string {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function deviceOf(body: unknown): string | null {
  const token = (body as { message?: { token?: unknown } } | null)?.message?.token;
  return typeof token === 'string' ? token : null;
}
