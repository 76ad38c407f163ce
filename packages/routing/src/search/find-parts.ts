import { type ExactPath, exactPath } from './exact-path.ts';
import { findPath, type Hunt } from './find-path.ts';

/** No part is smaller than this share of the amount: parts cost fees and slots. */
const smallestShare = 64n;

/**
 * Several parts, one after the other: the largest amount that still finds a path, by halving, is reserved on it, and
 * what remains goes on. Parts that took the same path become one, where its policies allow the sum.
 */
export function findParts(hunt: Hunt, amountMsat: bigint, maxFee: number): readonly ExactPath[] | undefined {
  const { maxPaths } = hunt.request.parameters;
  if (maxPaths < 2) return undefined;
  const parts: ExactPath[] = [];
  const remaining = fillParts(hunt, parts, amountMsat, maxFee, (amountMsat + 1n) / 2n);
  release(hunt, parts);
  const fees = parts.reduce((sum, { feeMsat }) => sum + Number(feeMsat), 0);
  return remaining > 0n || fees > maxFee ? undefined : parts;
}

/**
 * Adds parts for an amount, the largest that find a path first; what they carry stays reserved in the space.
 *
 * @returns What is left, for which no way was found.
 */
export function fillParts(
  hunt: Hunt,
  parts: ExactPath[],
  amountMsat: bigint,
  maxFee: number,
  firstChunk = amountMsat,
): bigint {
  const { amountMsat: whole, maxPaths } = hunt.request.parameters;
  const smallest = whole / smallestShare || 1n;
  let remaining = amountMsat;
  let chunk = firstChunk;
  while (remaining > 0n) {
    if (chunk > remaining) chunk = remaining;
    const spent = parts.reduce((sum, { feeMsat }) => sum + Number(feeMsat), 0);
    const path = spent > maxFee ? undefined : findPath(hunt, chunk, maxFee - spent);
    if (path !== undefined && addPart(hunt, parts, path, maxPaths)) {
      remaining -= chunk;
    } else if (path !== undefined || chunk <= smallest) {
      break;
    } else {
      chunk = (chunk + 1n) / 2n;
    }
  }
  return remaining;
}

/** Gives back what parts reserved. */
export function release(hunt: Hunt, parts: readonly ExactPath[]): void {
  for (const part of parts) use(hunt, part, -1);
}

/** Adds a path to the parts, reserving what it carries; false where there are too many already. */
export function addPart(hunt: Hunt, parts: ExactPath[], path: ExactPath, maxPaths: number): boolean {
  const key = path.edges.join();
  const same = parts.findIndex(({ edges }) => edges.join() === key);
  if (same >= 0) {
    const old = parts[same]!;
    use(hunt, old, -1);
    const { parameters, paymentMetadataLength } = hunt.request;
    const amount = old.amountsMsat.at(-1)! + path.amountsMsat.at(-1)!;
    const merged = exactPath(hunt.space, path.edges, amount, parameters.finalCltvDelta, paymentMetadataLength);
    use(hunt, merged ?? old, 1);
    if (merged !== undefined) {
      parts[same] = merged;
      return true;
    }
  }
  if (parts.length >= maxPaths) return false;
  use(hunt, path, 1);
  parts.push(path);
  return true;
}

function use({ space }: Hunt, part: ExactPath, sign: 1 | -1): void {
  part.edges.forEach((edge, i) => {
    space.use(edge, sign * Number(part.amountsMsat[i]!));
  });
}
