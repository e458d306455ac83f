/** A worker thread that does what the body of a review says. */
import { parentPort, threadId } from 'node:worker_threads'
import type { ToWorker } from '../src/workers/protocol.ts'

parentPort?.postMessage({ type: 'ready' })
parentPort?.on('message', (message: ToWorker) => {
  if (message.type !== 'review') return
  const { id } = message
  const text = Buffer.from(message.body).toString()
  if (text === 'exit') process.exit(1)
  if (text === 'throw') throw new Error('thrown')
  if (text === 'hang') for (;;);
  const answer = { status: 200, contentType: 'application/json', body: `${threadId} ${text}` } as const
  const facts = {
    outcome: 'injected',
    reason: 'PolicyEnabled',
    uid: '',
    namespace: '',
    pod: '',
    dryRun: false,
  } as const
  parentPort?.postMessage({ type: 'reviewed', id, generation: 1, reviewed: { answer, facts } })
})
