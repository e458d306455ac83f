/**
 * Istio 1.21's own injection tests, from the shared vectors beside this repository (`../shared/vectors/injection/1.21`).
 * Without them the suite is skipped and says so.
 */
import { describe } from 'vitest'
import { goldenSuite } from './support/golden-suite.ts'
import { openVectors, skipWithout } from './support/vectors.ts'

const vectors = openVectors('1.21')

describe.skipIf(!vectors.present)(`Istio 1.21${vectors.note}`, () => {
  skipWithout(vectors)
  describe('golden cases', () => {
    goldenSuite(vectors, { compat: '1.21', revision: '', minor: 21, webhookRevision: 'default' })
  })
})
