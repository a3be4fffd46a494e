import type { FastifyReply } from 'fastify';

/** Retry comes first among a dead job's buttons, Retry all among its queue's; the others are refused anyway. */
const STYLE = `<style>
  [class*='jobActions-'] li + li, [class*='queueActions-'] li + li { display: none; }
</style>`;

export function isBoardPage(reply: FastifyReply, payload: unknown): payload is string {
  return typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
}

/** bull-board's page without its web font from elsewhere and without the buttons that do nothing here. */
export function dressPage(html: string): string {
  return html.replace(/<link[^>]+fonts\.googleapis\.com[^>]*>/g, '').replace('</head>', `${STYLE}</head>`);
}
