import { describe, expect, test } from 'vitest';
import { clientIp, parseTrustedProxies } from '../../src/identity/client-ip.ts';

const proxies = parseTrustedProxies('10.0.0.0/8, 127.0.0.1 fd00::/8');

describe('the client’s address', () => {
  test.each([
    ['a caller without a proxy', '203.0.113.7', undefined, '203.0.113.7'],
    ['a caller that forges the header', '203.0.113.7', '1.1.1.1', '203.0.113.7'],
    ['one trusted proxy', '10.0.0.5', '203.0.113.7', '203.0.113.7'],
    ['two trusted proxies', '10.0.0.5', '203.0.113.7, 10.0.0.9', '203.0.113.7'],
    ['a forged value to the left', '10.0.0.5', '1.1.1.1, 203.0.113.7', '203.0.113.7'],
    ['a forged proxy to the left', '10.0.0.5', '1.1.1.1, 10.0.0.9, 203.0.113.7', '203.0.113.7'],
    ['junk beside the proxy', '10.0.0.5', '203.0.113.7, unknown', '10.0.0.5'],
    ['junk behind a proxy', '10.0.0.5', '<script>, 10.0.0.9', '10.0.0.9'],
    ['an empty header', '10.0.0.5', '', '10.0.0.5'],
    ['SQL in the header', '10.0.0.5', "1.2.3.4'; DROP TABLE audit --", '10.0.0.5'],
    ['leading zeros', '10.0.0.5', '010.0.0.1', '10.0.0.5'],
    ['everybody trusted', '10.0.0.5', '10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['several headers', '10.0.0.5', ['1.1.1.1', '203.0.113.7'], '203.0.113.7'],
    ['a port', '10.0.0.5', '203.0.113.7:5123', '203.0.113.7'],
    ['IPv6 through an IPv6 proxy', 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['IPv6 with port', 'fd00::1', '[2001:db8::7]:443', '2001:db8::7'],
    ['an IPv4 proxy on an IPv6 socket', '::ffff:10.0.0.5', '203.0.113.7', '203.0.113.7'],
    ['an IPv4 caller on an IPv6 socket', '::ffff:203.0.113.7', '1.1.1.1', '203.0.113.7'],
    ['a link-local caller', 'fe80::1%eth0', undefined, 'fe80::1'],
    ['no connection any more', undefined, '1.1.1.1', null],
  ])('%s', (_story, remote, header, expected) => {
    expect(clientIp(remote, header, proxies)).toBe(expected);
  });

  test('no proxy is trusted unless named', () => {
    expect(clientIp('127.0.0.1', '1.1.1.1', parseTrustedProxies(''))).toBe('127.0.0.1');
  });

  test('a header without end is looked at for 32 hops only', () => {
    const header = Array.from({ length: 10_000 }, () => '10.0.0.1').join(',');
    expect(clientIp('10.0.0.5', `1.1.1.1,${header}`, proxies)).toBe('10.0.0.1');
  });
});

test.each(['10.0.0.0/33', 'localhost', '10.0.0.0/8/8', '10.0.0.0/', '::/129'])('%s is no proxy', (entry) => {
  expect(() => parseTrustedProxies(entry)).toThrow(entry);
});
