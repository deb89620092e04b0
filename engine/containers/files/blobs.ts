/** Bytes of files, by their number. They are shared with the files, which never change bytes that were handed out. */
export class Blobs {
  readonly list: Uint8Array[]

  constructor(list: Uint8Array[] = []) {
    this.list = list
  }

  add(bytes: Uint8Array): number {
    return this.list.push(bytes) - 1
  }

  /** Throws for a number that nobody was given. */
  at(number: number): Uint8Array {
    const bytes = this.list[number]
    if (bytes === undefined) throw new Error(`A snapshot lacks its part ${number}.`)
    return bytes
  }
}
