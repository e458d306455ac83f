/** A thread that answers reviews. */
import { parentPort } from 'node:worker_threads'
import { type Configuration, loadConfiguration } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import { review } from '../review/review.ts'
import { internalError, noConfiguration } from '../review/reviewer.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

const port = parentPort
if (port === null) throw new Error('this is a worker thread of proa webhook and cannot be run by itself')

let current: { readonly generation: number; readonly configuration: Configuration } | undefined

/** Thrown through a review that cannot go on without the Namespace object. */
class NamespaceWanted extends Error {
  readonly namespace: string

  constructor(namespace: string) {
    super(namespace)
    this.namespace = namespace
  }
}

let isReady = false

/** Reading a configuration takes longest, so the thread is not up before it has one. */
function sayReady(): void {
  if (!isReady) port?.postMessage({ type: 'ready' } satisfies FromWorker)
  isReady = true
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'configuration') {
    const { generation, sources, options } = message
    const { env } = options
    const read = (name: string) => (Object.hasOwn(env, name) ? env[name] : undefined)
    current = { generation, configuration: loadConfiguration(sources, { ...options, env: read }) }
    sayReady()
    return
  }
  port.postMessage(answer(message))
})

function answer(message: ToWorker & { type: 'review' }): FromWorker {
  const { id, namespace } = message
  if (current === undefined) return { type: 'reviewed', id, generation: 0, reviewed: noConfiguration() }
  const { generation, configuration } = current
  const namespaceObject = (name: string): JsonObject | undefined => {
    if (namespace === undefined) throw new NamespaceWanted(name)
    return namespace.object
  }
  try {
    return { type: 'reviewed', id, generation, reviewed: review(message, { configuration, namespaceObject }) }
  } catch (error) {
    if (error instanceof NamespaceWanted) return { type: 'namespace', id, name: error.namespace }
    return { type: 'reviewed', id, generation, reviewed: internalError(error) }
  }
}
