import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { LightMyRequestResponse } from 'fastify';

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document is walked, not typed
export type Document = any;

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

/** Holds real answers against what the OpenAPI document says of their route and status. */
export class Contract {
  readonly #document: Document;
  readonly #ajv: Ajv2020;
  readonly #checks = new Map<string, ValidateFunction>();

  constructor(document: Document) {
    this.#document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(this.#ajv);
    this.#ajv.addSchema(document, 'openapi');
  }

  /** @returns what is wrong with the answer; empty when it is as documented */
  violations(method: string, url: string, answer: LightMyRequestResponse): string[] {
    const path = this.#pathOf(method, url);
    if (!path) return answer.statusCode === 404 || answer.statusCode === 405 ? [] : [`${url}: no such path`];
    const { responses } = this.#document.paths[path][method.toLowerCase()];
    const status = responses[answer.statusCode] ? String(answer.statusCode) : 'default';
    const { content } = responses[status];
    if (!content) return answer.body === '' ? [] : ['a body where none is documented'];
    const type = String(answer.headers['content-type']).split(';')[0]!;
    if (!content[type]) return [`${method} ${path} ${answer.statusCode}: content type ${type}`];
    const check = this.#check(path, method.toLowerCase(), status, type);
    if (check(answer.json())) return [];
    return (check.errors ?? []).map(
      (error) => `${method} ${path} ${answer.statusCode} ${error.instancePath}: ${error.message}`,
    );
  }

  #check(path: string, method: string, status: string, type: string): ValidateFunction {
    const tokens = ['paths', path, method, 'responses', status, 'content', type, 'schema'];
    const pointer = tokens.map((token) =>
      encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const reference = `openapi#/${pointer.join('/')}`;
    const check = this.#checks.get(reference) ?? this.#ajv.compile({ $ref: reference });
    this.#checks.set(reference, check);
    return check;
  }

  #pathOf(method: string, url: string): string | undefined {
    const [path = ''] = url.split('?');
    const candidates = Object.keys(this.#document.paths).filter((pattern) => {
      const source = pattern.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+');
      return (
        new RegExp(`^${source}$`).test(path) &&
        this.#document.paths[pattern][method.toLowerCase()] !== undefined
      );
    });
    return candidates.sort((a, b) => a.split('{').length - b.split('{').length)[0];
  }
}
