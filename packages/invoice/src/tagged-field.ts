/** A tagged field as it stands in the text: the tag (0 to 31) and 5-bit words, at most 1023. */
export interface TaggedField {
  readonly tag: number;
  readonly words: Uint8Array;
}
