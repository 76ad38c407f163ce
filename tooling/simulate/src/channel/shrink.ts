/**
 * The shortest list found by leaving out items, in halves first and one by one at last.
 *
 * @param fails - whether what is looked for still happens with a shorter list.
 * @param tries - at most that many calls of `fails`.
 */
export function shrink<T>(items: readonly T[], fails: (items: readonly T[]) => boolean, tries: number): readonly T[] {
  let shortest = items;
  let left = tries;
  let size = Math.ceil(items.length / 2);
  while (size >= 1) {
    const before = shortest.length;
    for (let start = 0; start < shortest.length && left > 0; ) {
      const shorter = [...shortest.slice(0, start), ...shortest.slice(start + size)];
      left--;
      if (fails(shorter)) shortest = shorter;
      else start += size;
    }
    if (left === 0) break;
    // Once more at the smallest size, for as long as that helps.
    if (size > 1) size = Math.ceil(size / 2);
    else if (shortest.length === before) break;
  }
  return shortest;
}
