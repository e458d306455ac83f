import { describe, expect, it } from 'vitest'
import { readStatus, writeStatus } from './status.ts'

const STATUS = 'sidecar.istio.io/status'

describe('the status annotation', () => {
  const templatePod = {
    spec: {
      initContainers: [{ name: 'istio-init' }],
      containers: [{ name: 'istio-proxy' }, { image: 'no name' }],
      volumes: [],
    },
  }

  it('names what the templates brought, in Istio’s order', () => {
    const text =
      '{"initContainers":["istio-init"],"containers":["istio-proxy",""],"volumes":null,"imagePullSecrets":null,"revision":"canary"}'
    expect(writeStatus(templatePod, 'canary', 31)).toBe(text)
  })

  it('names the default revision since 1.11, and the version of the template in 1.8', () => {
    expect(writeStatus({}, '', 11)).toContain('"revision":"default"')
    expect(writeStatus({}, '', 10)).not.toContain('revision')
    expect(writeStatus({}, '', 8, 'abc')).toMatch(/^\{"version":"abc",/)
  })

  it('reads what it wrote', () => {
    expect(readStatus({ [STATUS]: writeStatus(templatePod, 'canary', 31) })).toEqual({
      initContainers: ['istio-init'],
      containers: ['istio-proxy', ''],
      volumes: [],
      imagePullSecrets: [],
      revision: 'canary',
    })
  })

  it('says that nothing was injected by not being there; emptied, that nothing of it is left', () => {
    expect(readStatus({})).toBeUndefined()
    expect(readStatus({ [STATUS]: '' })).toMatchObject({ containers: [], revision: undefined })
    expect(readStatus({ [STATUS]: '{"containers":null,"revision":null}' })).toMatchObject({ containers: [] })
  })

  it.each([
    ['{', 'it is not JSON'],
    ['null', 'it is not a JSON object'],
    ['{"containers":"x"}', 'containers is not a list of names'],
    ['{"volumes":[1]}', 'volumes is not a list of names'],
    ['{"revision":1}', 'revision is not a string'],
  ])('%s is refused: %s', (text, reason) => {
    expect(() => readStatus({ [STATUS]: text })).toThrow(`annotation ${STATUS} cannot be read: ${reason}`)
  })
})
