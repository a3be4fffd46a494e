import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { EventError } from './errors.ts';

export interface Address {
  address: string;
  family: number;
}

/** All addresses of a name, as the system resolves it. */
export type Resolve = (name: string) => Promise<readonly Address[]>;

/**
 * Keeps what tenants have us call out of our own network: an address of an endpoint is looked at when it is
 * given, and again by `lookup` at each connection, which goes to the very address that was looked at.
 */
export interface Guard {
  /** What is wrong with an address as it is written; null where nothing is. */
  flawOf(url: URL): string | null;
  /** As flawOf, and looks where its name leads. @throws EventError forbidden-address */
  check(url: URL): Promise<void>;
  /** For http.Agent: answers the addresses of a name, or fails where one of them is forbidden. */
  lookup: LookupFunction;
}

export const URL_LENGTH_MAX = 2_000;
const HTTPS_PORT = 443;
const PRIVILEGED_PORT_MAX = 1_023;

/** Answer for machines inside a cloud although they look public: Azure's host, and Oracle's metadata. */
const INSIDE_CLOUDS = ['168.63.129.16', '192.0.0.192'];

/** @param allow_private takes http and any address: for development, where receivers run on this machine */
export function createGuard({
  allow_private,
  resolve = (name) => lookup(name, { all: true }),
}: {
  allow_private: boolean;
  resolve?: Resolve;
}): Guard {
  const allowedAddresses = async (name: string): Promise<readonly Address[]> => {
    const addresses = await resolve(name).catch(() => []);
    if (addresses.length === 0) throw forbidden(`${name} has no address.`);
    if (!allow_private && addresses.some(({ address }) => !isPublic(address))) {
      throw forbidden(`${name} does not lead to a public address.`);
    }
    return addresses;
  };
  const flaw = (url: URL) => flawOf(url, allow_private);
  return {
    flawOf: flaw,
    async check(url) {
      const found = flaw(url);
      if (found) throw forbidden(found);
      if (isIP(hostOf(url)) === 0) await allowedAddresses(hostOf(url));
    },
    lookup(name, options, answer) {
      allowedAddresses(name).then(
        (addresses) => {
          const [first] = addresses;
          if (options.all) answer(null, [...addresses]);
          else answer(null, first!.address, first!.family);
        },
        (error) => answer(error, []),
      );
    },
  };
}

function flawOf(url: URL, allow_private: boolean): string | null {
  if (url.href.length > URL_LENGTH_MAX) return `An address has at most ${URL_LENGTH_MAX} characters.`;
  if (url.username !== '' || url.password !== '') return 'An address must not hold a name or password.';
  if (url.hash !== '') return 'An address must not end in a fragment (#…).';
  const protocols = allow_private ? ['https:', 'http:'] : ['https:'];
  if (!protocols.includes(url.protocol)) return `Only ${protocols.join(' and ')}// is called.`;
  if (allow_private) return null;
  const port = url.port === '' ? HTTPS_PORT : Number(url.port);
  if (port !== HTTPS_PORT && port <= PRIVILEGED_PORT_MAX) return `Port ${port} is not called.`;
  const host = hostOf(url);
  return isIP(host) !== 0 && !isPublic(host) ? `${host} is not a public address.` : null;
}

/** All of IPv6 that is given out to the public so far. */
const IPV6_GLOBAL = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address is one of the public Internet. What is embedded in IPv6 (mapped, NAT64, 6to4, Teredo) is
 * none, whatever it embeds. URL has brought decimal, octal and hexadecimal forms to the usual one before.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address) || INSIDE_CLOUDS.includes(address)) return false;
  const parsed = ipaddr.parse(address);
  const given_out = parsed.kind() === 'ipv4' || parsed.match(IPV6_GLOBAL);
  return given_out && parsed.range() === 'unicast';
}

/** Without the brackets of IPv6 and the dot that ends a full name. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$|\.$/g, '');
}

function forbidden(message: string): EventError {
  return new EventError('forbidden-address', message);
}
