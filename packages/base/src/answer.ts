/** What a part that may live elsewhere answers: a value, or `pending` (the value comes later by a call). */
export type Answer<T> = { readonly kind: 'ready'; readonly value: T } | { readonly kind: 'pending' };

/** The answer that is there. */
export const ready = <T>(value: T): Answer<T> => ({ kind: 'ready', value });
/** The answer that comes later, by a call. */
export const pending: Answer<never> = { kind: 'pending' };
