import type { Cluster } from '../cluster/cluster.ts'
import type { Evidence } from '../finding.ts'
import type { Injector } from '../mesh/injectors.ts'
import { type CreationFailure, failuresAt, type MessageCode } from '../messages/index.ts'

/** What API servers still say of calls of this very webhook: entries of one configuration may have different bundles. */
export function failuresOf(
  cluster: Cluster,
  injector: Injector,
  codes: readonly MessageCode[],
): readonly CreationFailure[] {
  return failuresAt(cluster, injector).filter(
    ({ classification: { webhook, code } }) =>
      (webhook === undefined || webhook === injector.webhook) && codes.includes(code),
  )
}

export function failureEvidence({ newest }: CreationFailure): Evidence {
  const { kind, name } = newest.object
  return {
    label: { en: `the API server, about ${kind} ${name}`, zh: `API server 关于 ${kind} ${name} 的消息` },
    ...newest.evidence,
  }
}
