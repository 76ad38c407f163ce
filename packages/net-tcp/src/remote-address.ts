import { isIPv4, isIPv6 } from 'node:net';

/** The eight groups of an IPv6 address in text form, which `isIPv6` has checked. */
function ipv6Groups(host: string): readonly number[] {
  const [head = '', tail] = host.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return groups(head);
  const [first, last] = [groups(head), groups(tail)];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

function isPublicIpv4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100 && b >= 64 && b < 128) return false; // carrier-grade NAT
  if (a === 169 && b === 254) return false;
  if (a === 172 && b >= 16 && b < 32) return false;
  if (a === 192 && b === 168) return false;
  return !(a === 192 && b === 0 && c === 0);
}

/**
 * The address descriptor of the other side, for our `init`'s `remote_addr`: type 1 (IPv4) or 2 (IPv6), the address and
 * the port (BOLT 7, The `node_announcement` Message). Undefined for a private one, which BOLT 1 wants kept back.
 */
export function remoteAddressDescriptor(host: string | undefined, port: number | undefined): Uint8Array | undefined {
  if (host === undefined || port === undefined) return undefined;
  const v4 = host.toLowerCase().startsWith('::ffff:') ? host.substring(7) : host;
  const portBytes = [port >> 8, port & 0xff];
  if (isIPv4(v4)) {
    const octets = v4.split('.').map(Number);
    return isPublicIpv4(octets) ? Uint8Array.of(1, ...octets, ...portBytes) : undefined;
  }
  if (!isIPv6(host) || host.includes('.') || host.includes('%')) return undefined;
  const groups = ipv6Groups(host);
  if (groups[0]! >> 13 !== 1) return undefined; // 2000::/3 is what is routed
  return Uint8Array.of(2, ...groups.flatMap((group) => [group >> 8, group & 0xff]), ...portBytes);
}
