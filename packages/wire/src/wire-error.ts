/** Where decoding stopped: part of every {@link WireError}. */
export interface WireErrorPlace {
  /** The message's or stream's BOLT name (`update_add_htlc`), or what was decoded alone (`bigsize`). */
  readonly messageName: string;
  /** Path of the field in camelCase (`nextFunding.retransmitFlags`); empty where no single field is to blame. */
  readonly field: string;
  /** Byte offset, from the start of the bytes that were given to the decoder. */
  readonly offset: number;
  /** The BOLT section that was broken. */
  readonly spec: string;
  /** BOLT 1 has a peer that sent this disconnected, whatever it was. */
  readonly reaction: 'disconnect';
  /** One line for a log. */
  readonly message: string;
}

/** What bytes can get wrong, with the values that did. */
export type WireFault =
  /** Fewer bytes than the field needs. */
  | { readonly kind: 'truncated'; readonly needed: number; readonly available: number }
  /** A BigSize or truncated integer in more bytes than it needs. */
  | { readonly kind: 'not_minimal'; readonly value: bigint }
  /** TLV types that do not rise strictly. */
  | { readonly kind: 'tlv_order'; readonly tlvType: bigint; readonly previousType: bigint }
  /** An even TLV type that the stream does not know. */
  | { readonly kind: 'unknown_even_tlv'; readonly tlvType: bigint }
  /** A known TLV record longer than its fields. */
  | { readonly kind: 'tlv_trailing_bytes'; readonly tlvType: bigint; readonly extra: number }
  /** Bytes after the end of what was decoded alone. */
  | { readonly kind: 'trailing_bytes'; readonly extra: number }
  /** A number above what its field allows. */
  | { readonly kind: 'out_of_range'; readonly value: bigint; readonly max: bigint }
  /** A message above the 65535 bytes that the transport carries. */
  | { readonly kind: 'too_long'; readonly length: number; readonly max: number }
  /** Another message's type than the codec's. */
  | { readonly kind: 'wrong_type'; readonly expected: number; readonly actual: number }
  /** Contents against the field's own rules. */
  | { readonly kind: 'invalid_value'; readonly reason: string };

/** Why bytes are no valid message: plain data, never thrown out of this package. */
export type WireError = WireErrorPlace & WireFault;

/** The names of what bytes can get wrong, to switch on. */
export type WireErrorKind = WireFault['kind'];

const extensionSpec = 'BOLT #1: Type-Length-Value Format';
const specs: Partial<Record<WireErrorKind, string>> = {
  not_minimal: extensionSpec,
  tlv_order: extensionSpec,
  unknown_even_tlv: extensionSpec,
  tlv_trailing_bytes: extensionSpec,
  out_of_range: 'BOLT #1: Fundamental Types',
  too_long: 'BOLT #1: Lightning Message Format',
  wrong_type: 'BOLT #1: Lightning Message Format',
};

function describe(fault: WireFault): string {
  switch (fault.kind) {
    case 'truncated':
      return `needs ${fault.needed} bytes, ${fault.available} remain`;
    case 'not_minimal':
      return `${fault.value} is not minimally encoded`;
    case 'tlv_order':
      return `TLV type ${fault.tlvType} after ${fault.previousType}`;
    case 'unknown_even_tlv':
      return `unknown even TLV type ${fault.tlvType}`;
    case 'tlv_trailing_bytes':
      return `${fault.extra} bytes too many in TLV type ${fault.tlvType}`;
    case 'trailing_bytes':
      return `${fault.extra} bytes too many`;
    case 'out_of_range':
      return `${fault.value} is above ${fault.max}`;
    case 'too_long':
      return `${fault.length} bytes are above ${fault.max}`;
    case 'wrong_type':
      return `message type ${fault.actual}, expected ${fault.expected}`;
    case 'invalid_value':
      return fault.reason;
  }
}

/** Joins a fault with its place. `spec` is the section of the message's layout, unless the fault has its own. */
export function wireError(
  fault: WireFault,
  place: { readonly messageName: string; readonly field: string; readonly offset: number; readonly spec: string },
): WireError {
  const { messageName, field, offset } = place;
  const spec = specs[fault.kind] ?? place.spec;
  const name = field === '' ? messageName : `${messageName}.${field}`;
  return {
    ...fault,
    messageName,
    field,
    offset,
    spec,
    reaction: 'disconnect',
    message: `${name} at byte ${offset}: ${describe(fault)} (${spec})`,
  };
}
