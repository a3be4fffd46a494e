import { BlockList, isIP } from 'node:net';

/** No chain of proxies is longer; what lies beyond is not looked at. */
const HOPS_MAX = 32;

/** The proxies whose word on X-Forwarded-For is believed. */
export type TrustedProxies = BlockList;

/**
 * Reads addresses and CIDR blocks, v4 and v6, separated by commas or spaces; empty means that no
 * proxy is trusted.
 * @throws RangeError naming the entry that is neither
 */
export function parseTrustedProxies(text: string): TrustedProxies {
  const proxies = new BlockList();
  for (const entry of text.split(/[\s,]+/).filter(Boolean)) {
    const [address = '', prefix, ...rest] = entry.split('/');
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (family === 0 || rest.length > 0 || length < 0 || length > bits) {
      throw new RangeError(`Not an IP address or CIDR block: ${entry}`);
    }
    proxies.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return proxies;
}

/**
 * The address of the client behind the proxies. X-Forwarded-For is walked from the right, where each
 * proxy appends the address it was called from, and believed only as far as the word comes from a
 * trusted proxy: what a client writes there itself lies to the left of that and is never reached.
 *
 * @param remoteAddress the peer of the connection
 * @returns null only where the connection has no address any more
 */
export function clientIp(
  remoteAddress: string | undefined,
  xForwardedFor: string | readonly string[] | undefined,
  proxies: TrustedProxies,
): string | null {
  let hop = addressOf(remoteAddress ?? '');
  if (hop === null || xForwardedFor === undefined) return hop;
  const header = typeof xForwardedFor === 'string' ? xForwardedFor : xForwardedFor.join(',');
  const claims = header.split(',').slice(-HOPS_MAX).reverse();
  for (const claim of claims) {
    if (!proxies.check(hop, isIP(hop) === 6 ? 'ipv6' : 'ipv4')) return hop;
    const next = addressOf(claim);
    if (next === null) return hop;
    hop = next;
  }
  return hop;
}

/** The bare address in `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]:80`, `fe80::1%eth0`, `::ffff:1.2.3.4`. */
function addressOf(text: string): string | null {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(trimmed);
  const withPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(trimmed);
  const address = (bracketed?.[1] ?? withPort?.[1] ?? trimmed).replace(/%[\w.-]+$/, '');
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address);
  const plain = mapped?.[1] ?? address;
  return isIP(plain) === 0 ? null : plain;
}
