import type { ProviderErrorKind } from '../../../src/notifications/providers/provider.ts';
import type { Reply } from '../../support/answering.ts';

export const html = { headers: { 'content-type': 'text/html' }, text: '<html>Bad gateway</html>' };

/** What becomes of a request whose answer is lost, whoever was asked: it may have been taken. */
export const LOST: [what: string, reply: Reply, kind: ProviderErrorKind, code: string][] = [
  ['a reset', (request) => request.socket.resetAndDestroy(), 'unknown', 'broken-off'],
  ['a connection closed', (request) => request.socket.destroy(), 'unknown', 'broken-off'],
  [
    'an answer broken off',
    (request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"');
      setImmediate(() => request.socket.destroy());
    },
    'unknown',
    'broken-off',
  ],
  ['an answer without end', { text: `"${'x'.repeat(64 * 1024)}"` }, 'unknown', 'answer-too-long'],
  ['a redirect', { status: 307, headers: { location: '/elsewhere' }, text: '' }, 'unknown', 'broken-off'],
  ['silence', () => {}, 'unknown', 'timeout'],
];
