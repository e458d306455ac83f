import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { type ReapplyInput, readOverrides, reapplyOverrides } from './overrides.ts'

const OVERRIDES = 'proxy.istio.io/overrides'
const NONE = { containers: [], initContainers: [] }
const TEMPLATE = { spec: { containers: [{ name: 'istio-proxy', image: 'proxyv2' }] } }
const MERGED = {
  spec: {
    containers: [
      { name: 'app', image: 'a' },
      { name: 'istio-proxy', image: 'proxyv2' },
    ],
  },
}

function reapply(own: JsonObject, input: Partial<ReapplyInput> = {}): { proxy: unknown; remembered: unknown } {
  const original = {
    spec: {
      containers: [
        { name: 'app', image: 'a' },
        { name: 'istio-proxy', ...own },
      ],
    },
  }
  const pod = reapplyOverrides({
    merged: MERGED,
    original,
    templatePod: TEMPLATE,
    existing: NONE,
    status: undefined,
    minor: 31,
    ...input,
  }) as { metadata?: { annotations?: JsonObject }; spec: { containers: JsonObject[] } }
  return {
    proxy: pod.spec.containers.find(({ name }) => name === 'istio-proxy'),
    remembered: pod.metadata?.annotations?.[OVERRIDES],
  }
}

describe('the user’s own settings of an injected container', () => {
  it('win over the template, and are remembered in Go’s order', () => {
    const own = { image: 'mine', resources: { limits: { memory: '1Gi', cpu: '1000m' } }, args: ['x'] }
    expect(reapply(own)).toEqual({
      proxy: { name: 'istio-proxy', image: 'mine', args: ['x'], resources: { limits: { memory: '1Gi', cpu: '1' } } },
      remembered:
        '{"containers":[{"name":"istio-proxy","image":"mine","args":["x"],"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}',
    })
  })

  it('leave the image to the template where it is auto', () => {
    expect(reapply({ image: 'auto', args: ['x'] })).toEqual({
      proxy: { name: 'istio-proxy', image: 'proxyv2', args: ['x'] },
      remembered: '{"containers":[{"name":"istio-proxy","args":["x"],"resources":{}}]}',
    })
  })

  it('are those that were remembered, where there are any', () => {
    const existing = { ...NONE, containers: [{ name: 'istio-proxy', args: ['before'] }] }
    expect(reapply({ args: ['injected'] }, { existing }).proxy).toMatchObject({ args: ['before'] })
  })

  it('are not those of a container that an injection made, since 1.17', () => {
    const status = { ...NONE, containers: ['istio-proxy'], volumes: [], imagePullSecrets: [], revision: undefined }
    expect(reapply({ args: ['x'] }, { status })).toEqual({ proxy: MERGED.spec.containers[1], remembered: undefined })
    expect(reapply({ args: ['x'] }, { status, minor: 16 }).proxy).toMatchObject({ args: ['x'] })
  })

  it('do not exist for a container of another name', () => {
    const original = { spec: { containers: [{ name: 'app', image: 'a' }] } }
    expect(reapply({}, { original })).toEqual({ proxy: MERGED.spec.containers[1], remembered: undefined })
  })
})

describe('what was remembered', () => {
  it('is read typed', () => {
    const text = '{"containers":[{"name":"istio-proxy","resources":{"limits":{"cpu":"2000m"}},"unknown":1}]}'
    expect(readOverrides({ [OVERRIDES]: text })).toEqual({
      containers: [{ name: 'istio-proxy', resources: { limits: { cpu: '2' } } }],
      initContainers: [],
    })
    expect(readOverrides({})).toEqual(NONE)
    expect(readOverrides({ [OVERRIDES]: 'null' })).toEqual(NONE)
  })

  it.each([
    ['[]', 'it is not a JSON object'],
    ['{"containers":{}}', 'containers is not a list'],
    ['{"initContainers":[1]}', 'initContainers[0] is not a container'],
    ['{"containers":[{"name":1}]}', 'cannot unmarshal number'],
    ['{', 'JSON'],
  ])('is refused when it is %s', (text, reason) => {
    const read = (): unknown => readOverrides({ [OVERRIDES]: text })
    expect(read).toThrow(`annotation ${OVERRIDES} cannot be read`)
    expect(read).toThrow(reason)
  })
})
