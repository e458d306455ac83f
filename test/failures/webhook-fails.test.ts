/**
 * Everything that can stand between the API server and the injector: what the API server says, what failurePolicy Ignore makes of
 * it, and that Pods are injected as soon as it is mended, without a restart of anything.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, authority } from '../../packages/local-cluster/testing/admission/certificates.ts'
import { type Hook, hookIn, SERVICE } from './support/hook.ts'
import { type Injector, startInjector } from './support/injector.ts'
import { expectedWords, type FailureRow, general, ROWS } from './support/rows.ts'
import { machineAddress, RUN, TARGETS, type Target } from './support/target.ts'

const host = machineAddress()
const base64 = (text: string) => Buffer.from(text).toString('base64')
const UNTRUSTED = `failures-${RUN}-untrusted`
const namespaceOf = (row: FailureRow) => `failures-${RUN}-${ROWS.indexOf(row)}`

describe.each(TARGETS)('a webhook that fails, on $name', ({ open, isReal }) => {
  let target: Target
  let ca: Authority
  let injector: Injector
  const hooks: Hook[] = []
  beforeAll(async () => {
    ca = await authority('proa test authority')
    injector = await startInjector(
      ca,
      [...ROWS.map(namespaceOf), UNTRUSTED].map((namespace) => `${SERVICE}.${namespace}.svc`),
    )
    target = await open()
  })
  afterAll(async () => {
    await Promise.all(hooks.map((hook) => hook.remove()))
    await target.close()
    await injector.kill()
  })

  // The local cluster is written for Node.js, whose TLS says nothing to a server that it does not trust.
  if (isReal)
    it('our own log says that the API server does not trust us, when the bundle is of another authority', async () => {
      const hook = hookIn(target.client, UNTRUSTED, host)
      hooks.push(hook)
      const other = await authority('another authority')
      await hook.create({ caBundle: base64(other.pem), port: injector.port })
      await hook.until((outcome) => outcome.kind === 'refused' && outcome.message.includes('unknown authority'))
      const says = () => injector.log.some(({ msg }) => /does not accept our certificate/.test(String(msg)))
      await expect.poll(says, { timeout: 20_000 }).toBe(true)
    })

  it.each(ROWS)('$name', async (row) => {
    const namespace = namespaceOf(row)
    const hook = hookIn(target.client, namespace, host)
    hooks.push(hook)
    const built = await row.build({ namespace, host, ca })
    const { server, caBundle = base64(ca.pem), ...rest } = built
    const port = server?.port ?? 9443
    const place = { namespace, host, port }
    const isAsSaid = (outcome: { kind: string; message?: string }) =>
      outcome.kind === 'refused' && general(outcome.message ?? '', place) === expectedWords(row)
    try {
      await hook.create({ ...rest, caBundle, port })
      await hook.until(isAsSaid)
      await hook.change({ failurePolicy: 'Ignore' })
      if (row.ignorable) await hook.until(({ kind }) => kind === 'untouched')
      else expect(await hook.try()).toSatisfy(isAsSaid)
    } finally {
      await server?.close()
    }
    await hook.change({ failurePolicy: 'Fail' })
    await mend(target, hook, built)
    await hook.until(({ kind }) => kind === 'injected')
  })

  /** Whatever of it was broken. */
  async function mend({ client }: Target, hook: Hook, { service }: { service?: unknown }) {
    if (service === null) {
      const metadata = { name: SERVICE, namespace: hook.namespace }
      const spec = { ports: [{ port: 443, targetPort: injector.port, protocol: 'TCP' }] }
      await client.create({ apiVersion: 'v1', kind: 'Service', metadata, spec })
    }
    await hook.lead({ host, port: injector.port })
    const address = { name: SERVICE, namespace: hook.namespace, path: '/inject', port: 443 }
    await hook.change({ clientConfig: { service: address, caBundle: base64(ca.pem) } })
  }
})
