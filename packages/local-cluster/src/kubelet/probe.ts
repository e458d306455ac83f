import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { JsonObject } from '@proa/kube'
import { at, numberAt, objectAt, objectsAt, textAt } from '../controllers/fields.ts'
import type { ListeningAddress } from '../network/network.ts'

/** What a probe asks, with its port as a number. Undefined for kinds that cannot be asked here (exec, grpc). */
export interface ProbeTarget {
  readonly scheme: 'http' | 'https' | 'tcp'
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
}

export function probeTarget(container: JsonObject, probe: JsonObject): ProbeTarget | undefined {
  const kind =
    at(probe, 'httpGet') !== undefined ? 'httpGet' : at(probe, 'tcpSocket') !== undefined ? 'tcpSocket' : undefined
  if (kind === undefined) return undefined
  const action = objectAt(probe, kind)
  const headers = objectsAt(action, 'httpHeaders').map((header) => [textAt(header, 'name'), textAt(header, 'value')])
  return {
    scheme: kind === 'tcpSocket' ? 'tcp' : textAt(action, 'scheme') === 'HTTPS' ? 'https' : 'http',
    port: portNumber(container, action.port),
    path: textAt(action, 'path') || '/',
    headers: Object.fromEntries(headers),
    timeoutSeconds: numberAt(probe, 1, 'timeoutSeconds'),
  }
}

function portNumber(container: JsonObject, port: unknown): number {
  if (typeof port === 'number') return port
  const named = objectsAt(container, 'ports').find((entry) => entry.name === port)
  return named === undefined ? Number(port) || 0 : numberAt(named, 0, 'containerPort')
}

/** Undefined when all is well, else what is wrong, in the kubelet's words. Never rejects. */
export function runProbe(target: ProbeTarget, address: ListeningAddress | undefined): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  if (address === undefined) return Promise.resolve('connect: connection refused')
  const timeout = target.timeoutSeconds * 1000
  if (target.scheme === 'tcp') {
    const socket = connect({ ...address, timeout }, () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.on('timeout', () => {
      socket.destroy()
      resolve('i/o timeout')
    })
    socket.on('error', (error) => resolve(error.message))
    return promise
  }
  const make = target.scheme === 'https' ? httpsRequest : httpRequest
  // As the kubelet: a probe asks whether it is well, not whether it is the right one.
  const options = {
    ...address,
    path: target.path,
    headers: target.headers,
    timeout,
    rejectUnauthorized: false,
    agent: false,
  }
  const asked = make(options, (answer) => {
    answer.resume()
    const code = answer.statusCode ?? 0
    resolve(code >= 200 && code < 400 ? undefined : `HTTP probe failed with statuscode: ${code}`)
  })
  asked.on('timeout', () => asked.destroy(new Error('context deadline exceeded')))
  asked.on('error', (error) => resolve(error.message))
  asked.end()
  return promise
}
