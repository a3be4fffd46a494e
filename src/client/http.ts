import { errorOfAnswer, KistError } from './error.ts';

export interface HttpOptions {
  /** Address of the API, e.g. https://kist.example. */
  url: string;
  /** The bearer token, or what gives a fresh one; asked before every attempt. */
  token: string | (() => string | Promise<string>);
  fetch?: typeof fetch;
  /** One attempt may take this long; default 30 s. A long poll may take its wait on top. */
  timeout_ms?: number;
  /** How often one request is sent again; default 5. */
  retries_max?: number;
  /** The first pause is at most this long, each further one twice the one before; default 200 ms. */
  backoff_ms?: number;
}

export interface RequestOptions {
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  /** Sent as Idempotency-Key; makes a POST safe to repeat. */
  key?: string | undefined;
  /** Whether doing it twice is the same as doing it once. Default: every GET, and whatever has a key. */
  repeatable?: boolean;
  /** A media type other than JSON: the answer's body is then its bytes. */
  accept?: string;
  timeout_ms?: number;
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** What a header can carry on every platform. */
const KEY = /^[\x20-\x7e]{1,200}$/;
const BACKOFF_MS_MAX = 20_000;
/** A server that asks for longer is not waited for: the caller hears its answer. */
const RETRY_AFTER_MS_MAX = 60_000;
const DEFAULTS = { timeout_ms: 30_000, retries_max: 5, backoff_ms: 200 };

/** Sends requests, and sends them again where that is safe. */
export class Http {
  readonly #options: HttpOptions & typeof DEFAULTS;
  readonly #base: string;

  constructor(options: HttpOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#base = options.url.replace(/\/+$/, '');
    if (!/^https?:\/\//.test(this.#base)) throw new TypeError(`Not the address of an API: ${options.url}`);
  }

  /** @throws KistError; or the signal's reason, when it was aborted */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    if (!path.startsWith('/')) throw new TypeError(`A path starts with a slash: ${path}`);
    if (options.key !== undefined && !KEY.test(options.key)) {
      throw new KistError('invalid-key', 'A key has 1 to 200 printable ASCII characters.');
    }
    const repeatable = options.repeatable ?? (method === 'GET' || options.key !== undefined);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#attempt(method, path, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof KistError) || attempt >= this.#options.retries_max) throw error;
        if (!mayRepeat(error, repeatable)) throw error;
        await pause(this.#backoff(attempt, error), options.signal);
      }
    }
  }

  async #attempt(method: string, path: string, options: RequestOptions): Promise<Answer> {
    const token = typeof this.#options.token === 'string' ? this.#options.token : await this.#options.token();
    const timeout_ms = options.timeout_ms ?? this.#options.timeout_ms;
    const timeout = AbortSignal.timeout(timeout_ms);
    const headers: Record<string, string> = {
      authorization: `Bearer ${token}`,
      accept: options.accept ?? 'application/json',
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.key === undefined ? {} : { 'idempotency-key': options.key }),
    };
    const send = this.#options.fetch ?? fetch;
    let response: Response;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      response = await send(this.#base + path + queryText(options.query), {
        method,
        headers,
        signal: options.signal ? AbortSignal.any([timeout, options.signal]) : timeout,
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch (cause) {
      if (timeout.aborted) {
        throw new KistError('request-timeout', `No answer within ${timeout_ms} ms.`, { cause });
      }
      throw new KistError('unreachable', `${this.#base} did not answer.`, { cause });
    }
    const { status, headers: answered } = response;
    if (response.ok && options.accept !== undefined) return { status, headers: answered, body: bytes };
    const text = new TextDecoder().decode(bytes);
    if (!response.ok) throw errorOfAnswer(status, text, answered.get('retry-after'));
    return { status, headers: answered, body: readBody(status, text) };
  }

  /** Full jitter: many clients whose server came back must not come back all at once. */
  #backoff(attempt: number, error: KistError): number {
    const jitter_ms = Math.random() * Math.min(BACKOFF_MS_MAX, this.#options.backoff_ms * 2 ** attempt);
    return (error.retry_after_ms ?? 0) + jitter_ms;
  }
}

/** 429 was not done for sure. What got no answer, or 5xx, may have been. */
function mayRepeat(error: KistError, repeatable: boolean): boolean {
  if ((error.retry_after_ms ?? 0) > RETRY_AFTER_MS_MAX) return false;
  return error.status === 429 || (repeatable && (error.status === 0 || error.status >= 500));
}

function readBody(status: number, text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KistError('unexpected-answer', `HTTP ${status} that is not JSON: ${text.slice(0, 200)}`, {
      status,
      cause,
    });
  }
}

function queryText(query: RequestOptions['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

/** Waits; ends early, with the signal's reason, when the signal is aborted. */
export function pause(duration_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const timer = setTimeout(end, duration_ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
