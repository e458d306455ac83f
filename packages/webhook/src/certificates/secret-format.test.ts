import type { JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRoot, issueLeaf } from './material.ts'
import { initialState } from './recovery-plan.ts'
import { advance, DEFAULT_POLICY } from './rotation-plan.ts'
import type { AuthorityState } from './rotation-state.ts'
import { ROTATE_ANNOTATION, readSecret, SECRET_KEYS, secretData } from './secret-format.ts'

const now = new Date('2030-01-01T00:00:00Z')
let states: AuthorityState[] = []
beforeAll(async () => {
  const root = () => createRoot('proa-ca.proa-system', now, DEFAULT_POLICY)
  const [one, two] = await Promise.all([root(), root()])
  const fresh = initialState(one, await issueLeaf(one, ['a.test'], now, DEFAULT_POLICY), [])
  const published = advance(fresh, { action: 'publish', reason: '' }, { root: two }, DEFAULT_POLICY)
  const leaf = await issueLeaf(two, ['a.test'], now, DEFAULT_POLICY)
  const switched = advance(published, { action: 'switch', reason: '' }, { leaf }, DEFAULT_POLICY)
  states = [fresh, published, switched, { ...switched, settled: false }]
})

const secret = (data: JsonObject, annotations: JsonObject = {}): JsonObject => ({ metadata: { annotations }, data })

describe('the Secret of the authority', () => {
  it('gives back every state that was written in it', () => {
    for (const state of states) expect(readSecret(secret(secretData(state)))).toMatchObject({ outcome: 'good', state })
  })

  it('says which rotation is asked for, and takes no other word for one', () => {
    const data = secretData(states[0] as AuthorityState)
    const requested = (word: string) => readSecret(secret(data, { [ROTATE_ANNOTATION]: word }))
    expect(requested('root')).toMatchObject({ requested: 'root' })
    expect(requested('leaf')).toMatchObject({ requested: 'leaf' })
    expect(requested('constructor')).toMatchObject({ requested: undefined })
  })

  it('is missing when it is not there, or holds nothing of ours', () => {
    for (const one of [undefined, {}, secret({}), secret({ other: 'eA==' })]) {
      expect(readSecret(one)).toEqual({ outcome: 'missing' })
    }
  })

  it('never makes the reader crash: whatever is changed in it, it is good or corrupt, and good roots are saved', () => {
    const keys = fc.constantFrom(...Object.values(SECRET_KEYS))
    const values = fc.oneof(
      fc.base64String(),
      fc.constantFrom('', 'e30=', 'bnVsbA==', 'eyJnZW5lcmF0aW9uIjoxLCJyZXRpcmVkIjpbbnVsbF19'),
    )
    fc.assert(
      fc.property(fc.nat(3), keys, values, (index, key, value) => {
        const state = states[index] as AuthorityState
        const read = readSecret(secret({ ...secretData(state), [key]: value }))
        expect(['good', 'corrupt']).toContain(read.outcome)
        if (read.outcome !== 'corrupt' || key === SECRET_KEYS.bundle) return
        expect(read.salvaged.map(({ id }) => id)).toContain(state.issuing.id)
        expect(read.problem).not.toContain(state.issuing.privateKey.slice(40, 80))
      }),
      { seed: 11, numRuns: 150 },
    )
  })

  it('trusts no root that is not in its record', () => {
    const [fresh, published] = states
    if (fresh === undefined || published === undefined) throw new Error('no states')
    const foreign = { ...secretData(fresh), [SECRET_KEYS.bundle]: secretData(published)[SECRET_KEYS.bundle] ?? '' }
    expect(readSecret(secret(foreign))).toMatchObject({
      outcome: 'corrupt',
      problem: expect.stringContaining('a root that is not ours'),
    })
  })
})
