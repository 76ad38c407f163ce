/** What a part that may live elsewhere answers: a value, or `pending` (the value comes later by a call). */
export type Answer<T> = { readonly kind: 'ready'; readonly value: T } | { readonly kind: 'pending' };

export const ready = <T>(value: T): Answer<T> => ({ kind: 'ready', value });
export const pending: Answer<never> = { kind: 'pending' };
