import type { FastifyReply } from 'fastify';

/** Cuts the line instead of answering. */
export function cut(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.socket?.destroy();
  return reply;
}
