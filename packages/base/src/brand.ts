declare const brand: unique symbol;

/** A type of its own over a plain one, so that the compiler tells satoshis from millisatoshis. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
