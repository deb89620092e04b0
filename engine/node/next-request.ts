/**
 * A thread of its own for door.test.ts: asks for something long and, as soon as it has all of it, sends something long on the same
 * connection; again and again. Answers how often the connection broke.
 */
import { connect } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'

const { port, long, times } = workerData as { port: number; long: number; times: number }
const body = Buffer.alloc(40_000, 'a')
const post = Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`), body])

const breaks = () =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    let got = 0
    let sent = false
    socket.once('secureConnect', () => socket.write('GET /long HTTP/1.1\r\nhost: x\r\n\r\n'))
    socket.on('data', (part) => {
      got += part.length
      if (sent) {
        resolve(!part.includes('200 OK'))
        socket.destroy()
      } else if (got > long) {
        sent = true
        socket.write(post)
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(true))
  })

let broken = 0
for (let i = 0; i < times; i++) if (await breaks()) broken++
parentPort?.postMessage(broken)
