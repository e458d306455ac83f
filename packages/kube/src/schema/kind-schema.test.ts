import { describe, expect, it } from 'vitest'
import { type KindFieldType, kindType, kindTypeByName, kindTypes } from './kind-schema.ts'

function namesIn(type: KindFieldType): string[] {
  if (type.kind === 'type') return [type.name]
  return type.kind === 'scalar' ? [] : namesIn(type.of)
}

describe('the table of kinds', () => {
  it('has every type that it names', () => {
    const named = kindTypes().flatMap(({ fields }) => [...fields.values()].flatMap(({ type }) => namesIn(type)))
    expect([...new Set(named)].filter((name) => kindTypeByName(name) === undefined)).toEqual([])
  })

  it('finds kinds by apiVersion and kind', () => {
    expect(kindType('apps/v1', 'Deployment')?.name).toBe('io.k8s.api.apps.v1.Deployment')
    expect(kindType('v1', 'Pod')?.gvk).toEqual({ group: '', version: 'v1', kind: 'Pod' })
    expect(kindType('example.com/v1', 'Widget')).toBeUndefined()
    expect(kindType('v1', 'constructor')).toBeUndefined()
  })

  it('knows how lists are owned and merged', () => {
    const spec = kindTypeByName('io.k8s.api.core.v1.ServiceSpec')
    expect(spec?.fields.get('ports')).toMatchObject({
      relation: 'map',
      keys: ['port', 'protocol'],
      mergeKey: 'port',
      strategies: ['merge'],
    })
    expect(spec?.fields.get('selector')).toMatchObject({ relation: 'atomic', type: { kind: 'map' } })
  })

  it('knows defaults, allowed texts and what is required', () => {
    const port = kindTypeByName('io.k8s.api.core.v1.ContainerPort')
    expect(port?.fields.get('protocol')).toMatchObject({ standard: 'TCP', values: ['SCTP', 'TCP', 'UDP'] })
    expect(port?.fields.get('containerPort')).toMatchObject({ required: true, type: { scalar: 'int32' } })
  })

  it('knows types without fields', () => {
    expect(kindTypeByName('io.k8s.apimachinery.pkg.api.resource.Quantity')?.plain).toBe('quantity')
    expect(kindTypeByName('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector')?.mapType).toBe('atomic')
  })
})
