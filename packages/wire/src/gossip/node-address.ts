import { err, ok, type Result } from '@boltwright/base';
import { DecodeFailure } from '../codec/failure.ts';
import { Reader } from '../codec/reader.ts';
import { Writer } from '../codec/writer.ts';
import { type WireError, wireError } from '../wire-error.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-address.ts';
import { formatOnionHost, parseOnionHost } from './onion-host.ts';

/** A place to reach a node (BOLT 7, The `node_announcement` Message). */
export interface NodeAddress {
  readonly kind: 'ipv4' | 'ipv6' | 'torV3' | 'dns';
  /** `192.0.2.1`, `2001:db8::1`, 56 base32 digits and `.onion`, or an ASCII host name of 1 to 255 characters. */
  readonly host: string;
  /** A u16, not 0 but for `torV3`. */
  readonly port: number;
}

/** What an `addresses` field holds. */
export interface NodeAddresses {
  /** Those of known kind, in their order; what BOLT 7 tells to ignore (port 0, Tor v2, a second host name) is left out. */
  readonly addresses: readonly NodeAddress[];
  /** More than one host name: the announcement must not be forwarded (BOLT 7). */
  readonly hasSeveralHostnames: boolean;
  /** From the first descriptor of unknown type on, whose length nobody knows: a view, empty where all were known. */
  readonly unknown: Uint8Array;
}

const descriptorTypes = { ipv4: 1, ipv6: 2, torV3: 4, dns: 5 } as const;
const torV2Type = 3;
const torV2Length = 12;
const spec = 'BOLT #7: The `node_announcement` Message';
const hostnameCharacters = /^[\x21-\x7e]*$/;

/** The addresses of a `node_announcement`, or the one of `init`'s `remoteAddr`. */
export function decodeNodeAddresses(bytes: Uint8Array): Result<NodeAddresses, WireError> {
  const reader = new Reader(bytes);
  const addresses: NodeAddress[] = [];
  let hostnames = 0;
  try {
    while (reader.remaining > 0) {
      const start = reader.offset;
      const type = reader.u8();
      if (type === torV2Type) {
        reader.take(torV2Length);
        continue;
      }
      const address = readAddress(reader, type);
      if (address === undefined) {
        return ok({ addresses, hasSeveralHostnames: hostnames > 1, unknown: bytes.subarray(start) });
      }
      if (address.kind === 'dns' && ++hostnames > 1) continue;
      if (address.port !== 0 || address.kind === 'torV3') addresses.push(address);
    }
    return ok({ addresses, hasSeveralHostnames: hostnames > 1, unknown: bytes.subarray(bytes.length) });
  } catch (failure) {
    if (!(failure instanceof DecodeFailure)) throw failure;
    return err(wireError(failure.fault, { messageName: 'addresses', field: '', offset: failure.offset, spec }));
  }
}

function readAddress(reader: Reader, type: number): NodeAddress | undefined {
  switch (type) {
    case descriptorTypes.ipv4:
      return { kind: 'ipv4', host: formatIpv4(reader.view(4)), port: reader.u16() };
    case descriptorTypes.ipv6:
      return { kind: 'ipv6', host: formatIpv6(reader.view(16)), port: reader.u16() };
    case descriptorTypes.torV3:
      return { kind: 'torV3', host: formatOnionHost(reader.view(35)), port: reader.u16() };
    case descriptorTypes.dns:
      return { kind: 'dns', host: readHostname(reader), port: reader.u16() };
    default:
      return undefined;
  }
}

function readHostname(reader: Reader): string {
  const start = reader.offset;
  const bytes = reader.view(reader.u8());
  const host = String.fromCharCode(...bytes);
  if (host === '' || !hostnameCharacters.test(host)) {
    reader.fail({ kind: 'invalid_value', reason: 'a host name that is empty or not printable ASCII' }, start);
  }
  return host;
}

/**
 * The descriptors of the addresses, in ascending order of their types as BOLT 7 asks.
 *
 * @throws RangeError for a host that is none of its kind, a port of 0 (but for Tor), or a second host name.
 */
export function encodeNodeAddresses(addresses: readonly NodeAddress[]): Uint8Array {
  if (addresses.filter(({ kind }) => kind === 'dns').length > 1) throw new RangeError('more than one host name');
  const sorted = [...addresses].sort((a, b) => descriptorTypes[a.kind] - descriptorTypes[b.kind]);
  const parts = sorted.map((address) => ({ address, host: hostBytes(address) }));
  const writer = new Writer(parts.reduce((sum, { host }) => sum + 1 + host.length + 2, 0));
  for (const { address, host } of parts) {
    if (address.port === 0 && address.kind !== 'torV3') throw new RangeError(`port 0 of ${address.host}`);
    writer.u8(descriptorTypes[address.kind]);
    writer.raw(host);
    writer.u16(address.port);
  }
  return writer.bytes;
}

function hostBytes({ kind, host }: NodeAddress): Uint8Array {
  const bytes = kind === 'ipv4' ? parseIpv4(host) : kind === 'ipv6' ? parseIpv6(host) : undefined;
  if (bytes !== undefined) return bytes;
  if (kind === 'torV3') {
    const onion = parseOnionHost(host);
    if (onion !== undefined) return onion;
  }
  if (kind === 'dns' && host.length >= 1 && host.length <= 255 && hostnameCharacters.test(host)) {
    const name = new Uint8Array(1 + host.length);
    name[0] = host.length;
    for (let i = 0; i < host.length; i++) name[1 + i] = host.charCodeAt(i);
    return name;
  }
  throw new RangeError(`'${host}' is no ${kind} host`);
}
