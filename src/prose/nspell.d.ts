// Neither comes with types that are needed here to say this.
declare module 'nspell' {
  interface Speller {
    correct(word: string): boolean
    suggest(word: string): string[]
    add(word: string): Speller
  }
  export default function nspell(dictionary: { aff: Uint8Array; dic: Uint8Array }): Speller
}
declare module 'dictionary-en' {
  const dictionary: { aff: Uint8Array; dic: Uint8Array }
  export default dictionary
}
