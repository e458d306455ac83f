/** The servers that `npm run bench:webhook` puts under load, each in a process of its own: `proa` and `bare`. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createLogger, startWebhook } from '@proa/webhook'
import { selfSigned } from '../packages/webhook/testing/certificate.ts'
import { certificatesOf, configurationsOf } from '../packages/webhook/testing/sources.ts'
import { injectorSources } from './injector-sources.ts'

/** What the load process asks for, and what it is told. */
export type Question = { readonly ask: 'usage' } | { readonly ask: 'collect' } | { readonly ask: 'stop' }
export interface Usage {
  /** Microseconds of CPU time since the start, of all threads. */
  readonly cpu: number
  readonly rss: number
  readonly heapUsed: number
}

const [kind, patchBytes = '0', workers = '0'] = process.argv.slice(2)
const url = kind === 'bare' ? await startBare(Number(patchBytes)) : await startProa(Number(workers))
process.on('message', ({ ask }: Question) => {
  if (ask === 'stop') process.exit(0)
  if (ask === 'collect') globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({ cpu: user + system, rss, heapUsed } satisfies Usage)
})
process.send?.({ url })

async function startProa(workers: number): Promise<string> {
  const { sources, compat } = injectorSources()
  const webhook = await startWebhook({
    configurations: configurationsOf(sources, compat === undefined ? {} : { compat }),
    certificates: certificatesOf(selfSigned()),
    httpsAddress: { host: '127.0.0.1', port: 0 },
    // As in a cluster: one line for each decision, here to nowhere.
    logger: await createLogger({ level: 'info', format: 'json', file: '/dev/null' }),
    workers,
  })
  return webhook.url
}

/** The same stack, doing the least that a webhook can do. */
async function startBare(patchBytes: number): Promise<string> {
  const { certificate, privateKey } = selfSigned()
  const patch = Buffer.alloc(patchBytes, 'x').toString('base64')
  const options = { cert: certificate, key: privateKey, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as const
  const server = createServer(options, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request
      const answer = { uid, allowed: true, patch, patchType: 'JSONPatch' }
      const body = JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: answer })
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
      response.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
