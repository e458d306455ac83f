import type { InjectorVerdict } from '@proa/injector'
import { formatPath, formatRequirement, type RequirementResult } from '@proa/kube'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { at } from '../../reading.ts'

export type SelectorName = 'namespaceSelector' | 'objectSelector'

/** The entry that a verdict is about. */
export function entryOf(cluster: Cluster, { injector }: InjectorVerdict): Injector | undefined {
  return injectors(cluster).find((one) => one.configuration === injector.configuration && one.index === injector.index)
}

/** A condition of a selector, word by word as it stands in the webhook, and what it met. */
export function requirementEvidence(injector: Injector, selector: SelectorName, result: RequirementResult): Evidence {
  const { path } = result.requirement
  const value = at(injector.entry, selector, ...path)
  return {
    object: objectName(injector.object),
    path: formatPath(['webhooks', injector.index, selector, ...path]),
    ...(value === undefined ? {} : { value }),
    label: metText(injector, result),
  }
}

function metText({ webhook }: Injector, { requirement, found, holds }: RequirementResult): Text {
  const wanted = formatRequirement(requirement)
  return {
    en: `${webhook}: ${wanted} ${holds ? 'holds' : 'does not hold'}, ${found === undefined ? 'there is no such label' : `finds "${found}"`}`,
    zh: `${webhook}：${wanted} ${holds ? '成立' : '不成立'}，${found === undefined ? '没有该标签' : `实际为 "${found}"`}`,
  }
}

/** The first condition that does not hold, of the selector that kept the webhook from being called. */
export function failedRequirement({ verdict }: InjectorVerdict, selector: SelectorName): RequirementResult | undefined {
  return verdict.steps
    .find(({ id, outcome }) => id === selector && outcome === 'fail')
    ?.requirements?.find(({ holds }) => !holds)
}

/** For each active webhook that a selector excludes: the condition that does it. With a `key`: only conditions about this label. */
export function failedRequirements(
  cluster: Cluster,
  verdicts: readonly InjectorVerdict[],
  selector: SelectorName,
  key?: string,
): readonly Evidence[] {
  return verdicts.flatMap((one) => {
    const injector = entryOf(cluster, one)
    const failed = failedRequirement(one, selector)
    if (injector === undefined || injector.deactivated || failed === undefined) return []
    if (key !== undefined && failed.requirement.key !== key) return []
    return [requirementEvidence(injector, selector, failed)]
  })
}
