import { type CltvDelta, cltvDelta, type NodeId, nodeIdOf, type PaymentHash, paymentHashOf } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { type FeatureTable, validateFeatures } from '@boltwright/wire';
import { utf8 } from '@scure/base';
import { type FallbackAddress, readFallbackAddress } from './fallback-address.ts';
import type { InvoiceDescription, RouteHint } from './invoice.ts';
import { InvoiceFailure } from './invoice-error.ts';
import { fieldName, type PlacedField } from './read-fields.ts';
import { readRouteHint } from './route-hint.ts';
import type { TaggedField } from './tagged-field.ts';
import { hashWords, payeeWords, tags } from './tags.ts';
import { wordsToBitField, wordsToBytes, wordsToNumber } from './words.ts';

/** What the tagged fields say. */
export interface InvoiceContents {
  readonly paymentHash: PaymentHash;
  readonly paymentSecret: Uint8Array;
  readonly description: InvoiceDescription;
  /** Of the `n` field. */
  readonly payee: { readonly nodeId: NodeId; readonly point: Uint8Array } | undefined;
  readonly expirySeconds: number;
  readonly minFinalCltvExpiryDelta: CltvDelta;
  readonly paymentMetadata: Uint8Array | undefined;
  readonly features: Uint8Array;
  readonly fallbackAddresses: readonly FallbackAddress[];
  readonly routeHints: readonly RouteHint[];
  readonly unknownFields: readonly TaggedField[];
}

export interface ReadOptions {
  readonly crypto: Pick<CryptoBackend, 'isPoint'>;
  readonly strictFieldLengths: boolean;
  readonly featureTable: FeatureTable | undefined;
}

/** Seconds, where an invoice has no `x` (BOLT #11, Tagged Fields). */
export const defaultExpirySeconds = 3600;
/** Blocks, where an invoice has no `c` (BOLT #11, Tagged Fields). */
export const defaultMinFinalCltvExpiryDelta = cltvDelta(18);

/** `data_length` of the fields that have but one. */
const fixedLengths: ReadonlyMap<number, number> = new Map<number, number>([
  [tags.paymentHash, hashWords],
  [tags.paymentSecret, hashWords],
  [tags.descriptionHash, hashWords],
  [tags.payee, payeeWords],
]);

const repeatable: ReadonlySet<number> = new Set<number>([tags.fallbackAddress, tags.routeHint]);
const known: ReadonlySet<number> = new Set<number>(Object.values(tags));

function bytesOf(field: PlacedField): Uint8Array {
  const bytes = wordsToBytes(field.words);
  if (bytes === undefined) throw new InvoiceFailure(fieldName(field.tag), field.position, { kind: 'invalid_padding' });
  return bytes;
}

// A reader should refuse a number or feature field that starts with a zero word.
function requireMinimal(field: PlacedField): void {
  if (field.words[0] === 0) throw new InvoiceFailure(fieldName(field.tag), field.position, { kind: 'not_minimal' });
}

function numberOf(field: PlacedField, max: number): number {
  requireMinimal(field);
  const value = wordsToNumber(field.words, max);
  if (value === undefined) {
    throw new InvoiceFailure(fieldName(field.tag), field.position, { kind: 'out_of_range', max });
  }
  return value;
}

function textOf(field: PlacedField): string {
  const bytes = bytesOf(field);
  try {
    return utf8.encode(bytes);
  } catch {
    throw new InvoiceFailure('description', field.position, { kind: 'invalid_utf8' });
  }
}

function featuresOf(field: PlacedField, table: FeatureTable | undefined): Uint8Array {
  requireMinimal(field);
  const features = wordsToBitField(field.words);
  // A compulsory feature of another place (BOLT #9, Context) asks for what no payment can give: it is unknown here.
  const problem = validateFeatures(features, table, 'invoice')[0];
  if (problem?.kind === 'unknown_required_bit') {
    throw new InvoiceFailure('features', field.position, { kind: 'unknown_feature', bit: problem.bit });
  }
  if (problem?.kind === 'missing_dependency') {
    const { feature, dependency } = problem;
    throw new InvoiceFailure('features', field.position, { kind: 'missing_feature_dependency', feature, dependency });
  }
  return features;
}

function payeeOf(field: PlacedField, isPoint: (point: Uint8Array) => boolean): NonNullable<InvoiceContents['payee']> {
  const point = bytesOf(field);
  if (!isPoint(point)) throw new InvoiceFailure('payee', field.position, { kind: 'invalid_point' });
  return { nodeId: nodeIdOf(point), point };
}

/** The fields by tag: what may stand once, what may stand often, and what is passed over. */
interface SortedFields {
  readonly single: ReadonlyMap<number, PlacedField>;
  readonly repeated: readonly PlacedField[];
  readonly passedOver: readonly PlacedField[];
}

/**
 * DEVIATION: the reader's requirements have an invoice with a `p`, `h`, `s` or `n` of another length refused, while
 * BOLT #11's own examples call one valid that has such fields beside the right ones, as earlier texts did and readers
 * in use do. The examples are followed unless `strictFieldLengths` asks for the requirement; where no right one stands
 * beside it, a required field of another length is refused either way.
 */
function sortFields(fields: readonly PlacedField[], strictFieldLengths: boolean): SortedFields {
  const single = new Map<number, PlacedField>();
  const repeated: PlacedField[] = [];
  const passedOver: PlacedField[] = [];
  for (const field of fields) {
    const expected = fixedLengths.get(field.tag);
    if (!known.has(field.tag)) {
      passedOver.push(field);
    } else if (expected !== undefined && field.words.length !== expected) {
      if (strictFieldLengths) throw wrongLength(field, expected);
      passedOver.push(field);
    } else if (repeatable.has(field.tag)) {
      repeated.push(field);
    } else if (single.has(field.tag)) {
      throw new InvoiceFailure(fieldName(field.tag), field.position, { kind: 'duplicate_field' });
    } else {
      single.set(field.tag, field);
    }
  }
  return { single, repeated, passedOver };
}

const wrongLength = (field: PlacedField, expected: number): InvoiceFailure =>
  new InvoiceFailure(fieldName(field.tag), field.position, {
    kind: 'wrong_length',
    length: field.words.length,
    expected,
  });

/** A field that must be there; `end` is where it would have to stand at the latest. */
function required(sorted: SortedFields, tag: number, end: number): PlacedField {
  const field = sorted.single.get(tag);
  if (field !== undefined) return field;
  const other = sorted.passedOver.find((candidate) => candidate.tag === tag);
  throw other === undefined
    ? new InvoiceFailure(fieldName(tag), end, { kind: 'missing_field' })
    : wrongLength(other, fixedLengths.get(tag)!);
}

function descriptionOf(sorted: SortedFields, end: number): InvoiceDescription {
  const text = sorted.single.get(tags.description);
  const hash = sorted.single.get(tags.descriptionHash);
  if (text !== undefined && hash !== undefined) {
    throw new InvoiceFailure('description_hash', hash.position, { kind: 'two_descriptions' });
  }
  if (hash !== undefined) return { kind: 'hash', hash: bytesOf(hash) };
  return { kind: 'text', text: textOf(required(sorted, tags.description, end)) };
}

/**
 * Reads and checks the fields; the signature is not looked at.
 *
 * @param end - the position behind the last field.
 * @throws InvoiceFailure at the first field that is wrong or missing.
 * @see BOLT #11, Tagged Fields
 */
export function readContents(fields: readonly PlacedField[], end: number, options: ReadOptions): InvoiceContents {
  const sorted = sortFields(fields, options.strictFieldLengths);
  const { single } = sorted;
  const isPoint = (point: Uint8Array): boolean => options.crypto.isPoint(point);
  const payee = single.get(tags.payee);
  const expiry = single.get(tags.expiry);
  const finalDelta = single.get(tags.minFinalCltvExpiryDelta);
  const metadata = single.get(tags.paymentMetadata);
  const features = single.get(tags.features);

  const unknownFields: PlacedField[] = [...sorted.passedOver];
  const fallbackAddresses: FallbackAddress[] = [];
  const routeHints: RouteHint[] = [];
  const contents = {
    paymentHash: paymentHashOf(bytesOf(required(sorted, tags.paymentHash, end))),
    paymentSecret: bytesOf(required(sorted, tags.paymentSecret, end)),
    description: descriptionOf(sorted, end),
    expirySeconds: expiry === undefined ? defaultExpirySeconds : numberOf(expiry, Number.MAX_SAFE_INTEGER),
    minFinalCltvExpiryDelta:
      finalDelta === undefined ? defaultMinFinalCltvExpiryDelta : cltvDelta(numberOf(finalDelta, 0xffff)),
    paymentMetadata: metadata === undefined ? undefined : bytesOf(metadata),
    features: features === undefined ? new Uint8Array(0) : featuresOf(features, options.featureTable),
    payee: payee === undefined ? undefined : payeeOf(payee, isPoint),
  };
  for (const field of sorted.repeated) {
    if (field.tag === tags.routeHint) {
      routeHints.push(readRouteHint(field.words, field.position, isPoint));
      continue;
    }
    const address = readFallbackAddress(field.words, field.position);
    if (address === undefined) unknownFields.push(field);
    else fallbackAddresses.push(address);
  }
  unknownFields.sort((a, b) => a.position - b.position);
  return {
    ...contents,
    fallbackAddresses,
    routeHints,
    unknownFields: unknownFields.map(({ tag, words }) => ({ tag, words })),
  };
}
