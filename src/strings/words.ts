/** What a translation of T must hold: the same fields, texts free, functions of the same arguments. */
export type Words<T> = T extends string
  ? string
  : T extends (...said: infer A) => infer R
    ? (...said: A) => Words<R>
    : { readonly [K in keyof T]: Words<T[K]> }
