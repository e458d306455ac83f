import { Duplex } from 'node:stream'
import { ConnectionError } from '../errors.ts'

/** The part of a WebSocket that is used; that of the package `ws`. */
export interface Socket {
  readonly readyState: number
  send(data: Buffer, sent: (error?: Error) => void): void
  pause(): void
  resume(): void
  close(): void
  terminate(): void
  on(event: 'close' | 'error', listener: (reason: unknown) => void): unknown
}

export interface PortStream {
  readonly stream: Duplex
  /** A message of the WebSocket: the number of its channel, and the rest of it. */
  receive(channel: number, bytes: Buffer): void
  attach(socket: Socket): void
}

const DATA = 0
const ERROR = 1
const OPEN = 1
/** The first message of each channel names the port, in two bytes. */
const PORT_BYTES = 2

/** The two channels of one forwarded port as a stream. The protocol cannot end one direction alone: the end waits for `destroy`. */
export function portStream(where: string): PortStream {
  const begun = new Set<number>()
  let socket: Socket | undefined
  const stream = new Duplex({
    read: () => socket?.resume(),
    write(chunk: Buffer, _encoding, done) {
      if (socket === undefined || socket.readyState !== OPEN)
        done(new ConnectionError(`${where}: the connection ended`))
      else socket.send(Buffer.concat([Buffer.from([DATA]), chunk]), (error) => done(error ?? null))
    },
    destroy(error, done) {
      socket?.close()
      done(error)
    },
  })
  const ended = (): void => {
    if (!stream.readableEnded && !stream.destroyed) stream.push(null)
  }
  return {
    stream,
    receive(channel, bytes) {
      const first = !begun.has(channel)
      begun.add(channel)
      const rest = first ? bytes.subarray(PORT_BYTES) : bytes
      if (rest.length === 0 || stream.destroyed) return
      // Said by the kubelet: "failed to connect to localhost:15017 inside namespace …: connection refused".
      if (channel === ERROR) stream.destroy(new ConnectionError(`${where}: ${rest.toString('utf8').trim()}`))
      else if (channel === DATA && !stream.push(rest)) socket?.pause()
    },
    attach(attached) {
      socket = attached
      attached.on('close', ended)
      attached.on('error', ended)
      if (stream.destroyed) attached.terminate()
      else if (attached.readyState > OPEN) ended()
    },
  }
}
