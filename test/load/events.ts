/** A stream of events as a page reads it, without the page. */
import { get } from 'node:http'

export interface EventsOptions {
  url: string
  path: string
  cookie: string
  onEvent(event: string, data: unknown): void
  /** It was refused, or broke off before `close`. */
  onEnd(problem: string): void
}

/** @returns closes it */
export function readEvents({ url, path, cookie, onEvent, onEnd }: EventsOptions): () => void {
  let closed = false
  const end = (problem: string) => {
    if (!closed) onEnd(`${path}: ${problem}`)
    closed = true
  }
  const request = get(url + path, { headers: { cookie, origin: url, 'x-quayside': '1' }, agent: false }, (response) => {
    if (response.statusCode !== 200) {
      response.resume()
      end(`answered with ${response.statusCode}`)
      return
    }
    response.setEncoding('utf8')
    let text = ''
    response.on('data', (chunk: string) => {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1]
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (event !== undefined && data !== undefined) onEvent(event, JSON.parse(data))
      }
    })
    response.on('error', (error) => end(error.message))
    response.on('end', () => end('ended'))
  })
  request.on('error', (error) => end(error.message))
  return () => {
    closed = true
    request.destroy()
  }
}
