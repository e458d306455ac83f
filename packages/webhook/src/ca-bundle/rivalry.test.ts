import { describe, expect, it } from 'vitest'
import { isDuel, NO_RIVALRY, peaceAt, type Rivalry, rivals, undone } from './rivalry.ts'

describe('when somebody undoes what we wrote', () => {
  it('twice it is mended at once, then with doubling pauses of at most ten minutes', () => {
    let [rivalry, now]: [Rivalry, number] = [NO_RIVALRY, 0]
    const pauses = Array.from({ length: 13 }, () => {
      rivalry = undone(rivalry, now)
      const pause = rivalry.notBefore - now
      now = rivalry.notBefore
      return pause / 1000
    })
    expect(pauses).toEqual([0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
    expect(isDuel(rivalry)).toBe(true)
  })

  it('it is a duel from the fourth time on, and forgotten after a long peace', () => {
    let rivalry = undone(undone(undone(NO_RIVALRY, 0), 1), 2)
    expect(isDuel(rivalry)).toBe(false)
    rivalry = undone(rivalry, 3)
    expect(isDuel(rivalry)).toBe(true)
    expect(undone(rivalry, peaceAt(rivalry) + 1)).toMatchObject({ undone: 1 })
  })
})

describe('who the other is', () => {
  const fields = (...keys: string[]) => ({
    'f:webhooks': {
      'k:{"name":"object.sidecar-injector.istio.io"}': {
        'f:clientConfig': Object.fromEntries(keys.map((key) => [key, {}])),
      },
    },
  })
  const configuration = (managedFields: object[]) => ({ metadata: { managedFields } }) as never

  it('is the manager that owns the field', () => {
    const object = configuration([
      { manager: 'proa-ca-bundle', operation: 'Update', time: '2030-01-02T00:00:00Z', fieldsV1: fields('f:caBundle') },
      { manager: 'helm', operation: 'Update', time: '2030-01-03T00:00:00Z', fieldsV1: fields('f:service') },
      {
        manager: 'argocd-controller',
        operation: 'Apply',
        time: '2030-01-01T00:00:00Z',
        fieldsV1: fields('f:caBundle'),
      },
    ])
    expect(rivals(object, 'proa-ca-bundle')).toEqual(['argocd-controller (Apply)'])
  })

  it('or, when an empty bundle has no owner, the one that wrote last', () => {
    const object = configuration([
      { manager: 'helm', operation: 'Update', time: '2030-01-03T00:00:00Z', fieldsV1: fields('f:service') },
      { manager: 'kubectl', operation: 'Update', time: '2030-01-01T00:00:00Z', fieldsV1: fields() },
    ])
    expect(rivals(object, 'proa-ca-bundle')).toEqual(['helm (Update)'])
    expect(rivals(configuration([]), 'x')).toEqual([])
  })
})
