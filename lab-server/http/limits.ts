/** What one network address or one session may take of the server. Every number has its unit; tests pass smaller ones. */
export interface Limits {
  /** Bytes of a request's body; the largest that the page sends has under 100. */
  body: number
  /** Requests to the API from one address in a minute: a classroom of 40 behind one address, each page busy. */
  requestsPerMinute: number
  /** Milliseconds for the head of a request, an upgrade's too, and for the whole of it. */
  headersWithin: number
  requestWithin: number
  /** Milliseconds between looks for requests that took longer. */
  lookEvery: number
  /** Event streams and terminals that are open at once. */
  streamsPerSession: number
  terminalsPerSession: number
  connectionsPerAddress: number
  /** Requests and WebSockets that the previews of one lab have open at once: browsers open six for each name. */
  previewsPerSession: number
  /** Milliseconds until a Pod is found and connected to, and from then on until the head of its answer is there. */
  previewConnectTimeout: number
  previewAnswerTimeout: number
  /** Milliseconds between pings of a terminal; one that has not answered by the next is dead. */
  pingEvery: number
}

export const defaultLimits: Limits = {
  body: 16 * 1024,
  requestsPerMinute: 1200,
  headersWithin: 10_000,
  requestWithin: 30_000,
  lookEvery: 5_000,
  streamsPerSession: 8,
  terminalsPerSession: 16,
  connectionsPerAddress: 400,
  previewsPerSession: 48,
  previewConnectTimeout: 10_000,
  previewAnswerTimeout: 60_000,
  pingEvery: 20_000,
}
