import type { CheckOutcome, Found } from '../../finding.ts'
import { listed, objectTitle } from '../../naming.ts'

/** So many findings of one cause are still read one by one. */
const MOST_SINGLE = 3

/** Many workloads and one cause: one finding where the cause is, and word of it at each of them. */
export function asOne(
  found: readonly Found[],
  cause: (first: Found, names: Found['message']) => Found,
): CheckOutcome[] {
  // The worst of them speaks for all.
  const first = found.find(({ severity }) => severity === 'error') ?? found[0]
  if (first === undefined || found.length <= MOST_SINGLE) return [...found]
  const names = listed(found.map(({ object }) => objectTitle(object)))
  // Evidence of the first workload says so where it is no longer the object of the finding.
  const evidence = first.evidence.map((one) => ({ object: first.object, ...one }))
  return [cause({ ...first, evidence }, names), ...found.map((one): Found => ({ ...one, routine: true }))]
}
