import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

export interface Paced {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** Milliseconds between two looks at what is due. */
const TICK = 1
const CONNECTIONS = 8

/**
 * Sends at a steady rate, whatever the answers do, and measures from the moment on when a request was due: a server that stands still
 * cannot hide what it kept waiting. (autocannon sends a second's worth at once and then pauses.) Plain sockets, since an HTTP client
 * would need more CPU time than the server.
 *
 * @param rate requests per second
 * @returns milliseconds
 */
export async function pacedLoad(url: string, rate: number, seconds: number, body: () => string): Promise<Paced> {
  const { hostname, port } = new URL(url)
  const latencies: number[] = []
  const waiting: number[] = []
  const total = Math.round(rate * seconds)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const idle: ((due: number) => void)[] = []
  const next = (send: (due: number) => void): void => {
    const due = waiting.shift()
    if (due === undefined) idle.push(send)
    else send(due)
  }
  const sockets = Array.from({ length: CONNECTIONS }, () =>
    connect({ host: hostname, port: Number(port), rejectUnauthorized: false }),
  )
  for (const socket of sockets) {
    await once(socket, 'secureConnect')
    socket.on('error', reject)
    let since = 0
    const send = (due: number): void => {
      since = due
      socket.write(requestText(body()))
    }
    onAnswers(socket, () => {
      latencies.push(performance.now() - since)
      if (latencies.length === total) resolve()
      next(send)
    })
    idle.push(send)
  }
  const start = performance.now()
  let made = 0
  const timer = setInterval(() => {
    const due = Math.min(total, ((performance.now() - start) / 1000) * rate)
    for (; made < due; made++) {
      waiting.push(start + (made / rate) * 1000)
      const send = idle.pop()
      if (send !== undefined) next(send)
    }
    if (made >= total) clearInterval(timer)
  }, TICK)
  await promise
  for (const socket of sockets) socket.destroy()
  latencies.sort((one, other) => one - other)
  const at = (share: number): number => Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2))
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

function requestText(body: string): string {
  return `POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** Calls back after each whole answer; one is on its way at a time. */
function onAnswers(socket: TLSSocket, answered: () => void): void {
  let head = ''
  let missing = -1
  socket.on('data', (chunk: Buffer) => {
    let length = chunk.length
    if (missing < 0) {
      head += chunk.toString('latin1', 0, Math.min(length, 400))
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(head)
      missing = Number(/content-length: (\d+)/i.exec(head)?.[1])
      length -= end + 4
    }
    missing -= length
    if (missing > 0) return
    head = ''
    missing = -1
    answered()
  })
}
