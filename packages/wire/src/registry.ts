import { err, ok, type Result } from '@boltwright/base';
import { type MessageCodec, maxMessageLength, type WireMessage } from './codec/message.ts';
import { type WireError, wireError } from './wire-error.ts';

/** A message of a type that the registry does not know, kept whole. */
export interface UnknownMessage {
  readonly type: 'unknown';
  /** The u16 before the payload. */
  readonly number: number;
  /** True for an even type: the connection must be closed (BOLT 1, Lightning Message Format). Odd ones are ignored. */
  readonly isRequired: boolean;
  /** What follows the type: a view. */
  readonly payload: Uint8Array;
}

/** Codecs by number and by name: what a decoder understands. */
export interface MessageRegistry<M extends WireMessage> {
  readonly byNumber: ReadonlyMap<number, MessageCodec<M>>;
  readonly byName: ReadonlyMap<string, MessageCodec<M>>;
}

/**
 * A registry of the given codecs, after those of `base` if it is given. Custom messages join the BOLTs' by
 * `messageRegistry([myMessage], boltMessages)`.
 *
 * @throws RangeError for a number or name used twice, or the name `unknown`.
 */
export function messageRegistry<C extends MessageCodec<WireMessage>, B extends WireMessage = never>(
  codecs: readonly C[],
  base?: MessageRegistry<B>,
): MessageRegistry<MessageIn<C> | B> {
  type M = MessageIn<C> | B;
  const byNumber = new Map<number, MessageCodec<M>>();
  const byName = new Map<string, MessageCodec<M>>();
  const all = [...(base?.byNumber.values() ?? []), ...codecs] as unknown as readonly MessageCodec<M>[];
  for (const codec of all) {
    const { number, name } = codec;
    if (name === 'unknown') throw new RangeError("no message may be named 'unknown'");
    if (byNumber.has(number)) throw new RangeError(`message type ${number} of ${name} is taken`);
    if (byName.has(name)) throw new RangeError(`message name ${name} is taken`);
    byNumber.set(number, codec);
    byName.set(name, codec);
  }
  return { byNumber, byName };
}

type MessageIn<C> = C extends MessageCodec<infer M> ? M : never;

/** Decodes by the message's 2-byte type. See `decodeMessage`. */
export function decodeWith<M extends WireMessage>(
  bytes: Uint8Array,
  registry: MessageRegistry<M>,
): Result<M | UnknownMessage, WireError> {
  const fail = (fault: Parameters<typeof wireError>[0]): Result<never, WireError> =>
    err(
      wireError(fault, {
        messageName: 'message',
        field: 'type',
        offset: 0,
        spec: 'BOLT #1: Lightning Message Format',
      }),
    );
  if (bytes.length < 2) return fail({ kind: 'truncated', needed: 2, available: bytes.length });
  if (bytes.length > maxMessageLength) {
    return fail({ kind: 'too_long', length: bytes.length, max: maxMessageLength });
  }
  const number = (bytes[0]! << 8) | bytes[1]!;
  const codec = registry.byNumber.get(number);
  if (codec !== undefined) return codec.decode(bytes);
  return ok({
    type: 'unknown',
    number,
    isRequired: number % 2 === 0,
    payload: new Uint8Array(bytes.buffer, bytes.byteOffset + 2, bytes.length - 2),
  });
}

/** Encodes by the message's name. See `encodeMessage`. */
export function encodeWith<M extends WireMessage>(
  message: M | UnknownMessage,
  registry: MessageRegistry<M>,
): Uint8Array {
  if (message.type === 'unknown') return encodeUnknown(message as UnknownMessage);
  const codec = registry.byName.get(message.type);
  if (codec === undefined) throw new RangeError(`no message '${message.type}' in the registry`);
  return codec.encode(message as M);
}

function encodeUnknown({ number, payload }: UnknownMessage): Uint8Array {
  if (!(Number.isInteger(number) && number >= 0 && number <= 0xffff)) {
    throw new RangeError(`message type ${number} is outside a u16`);
  }
  if (payload.length + 2 > maxMessageLength) {
    throw new RangeError(`${payload.length + 2} bytes are above ${maxMessageLength}`);
  }
  const bytes = new Uint8Array(2 + payload.length);
  bytes[0] = number >>> 8;
  bytes[1] = number & 0xff;
  bytes.set(payload, 2);
  return bytes;
}
