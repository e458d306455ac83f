import type { JsonObject } from '@proa/kube'
import { listAt, objectAt, optionalAt, textAt, valueAt } from './fields.ts'
import { report } from './metadata.ts'
import { label1035Name, subdomainName } from './names.ts'
import type { Problems } from './problems.ts'

/** CustomResourceDefinitions (apiextensions-apiserver, validation). Of their schemas only that there is one. */
export function checkDefinition(definition: JsonObject, problems: Problems): void {
  const spec = objectAt(definition, 'spec')
  const group = textAt(spec, 'group')
  const name = textAt(objectAt(definition, 'metadata'), 'name')
  if (name !== `${textAt(objectAt(spec, 'names'), 'plural')}.${group}`) {
    problems.invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')
  }
  checkGroup(group, problems)
  checkScope(textAt(spec, 'scope'), problems)
  const stored = checkVersions(spec, problems)
  checkNames(objectAt(spec, 'names'), problems)
  if (!stored) problems.invalid('status.storedVersions', null, 'must have at least one stored version')
}

function checkGroup(group: string, problems: Problems): void {
  if (group === '') problems.required('spec.group')
  else if (subdomainName(group).length > 0) report(problems, 'spec.group', group, subdomainName(group))
  else if (!group.includes('.')) problems.invalid('spec.group', group, 'should be a domain with at least one dot')
}

function checkScope(scope: string, problems: Problems): void {
  if (scope === '') problems.required('spec.scope')
  else if (scope !== 'Cluster' && scope !== 'Namespaced') {
    problems.unsupported('spec.scope', scope, ['Cluster', 'Namespaced'])
  }
}

/** Whether one of them is stored. */
function checkVersions(spec: JsonObject, problems: Problems): boolean {
  const versions = listAt(spec, 'versions')
  const seen = new Set<string>()
  for (const [index, version] of versions.entries()) {
    const field = `spec.versions[${index}]`
    if (optionalAt(objectAt(version, 'schema'), 'openAPIV3Schema') === undefined) {
      problems.required(`${field}.schema.openAPIV3Schema`)
    }
    const name = textAt(version, 'name')
    report(problems, `${field}.name`, name, label1035Name(name))
    if (seen.has(name)) problems.invalid(`${field}.name`, name, 'must be unique')
    seen.add(name)
  }
  const stored = versions.filter(({ storage }) => storage === true)
  if (stored.length !== 1) {
    problems.invalid(
      'spec.versions',
      valueAt(spec, 'versions'),
      'must have exactly one version marked as storage version',
    )
  }
  return stored.length > 0
}

const NAMES = ['plural', 'singular', 'kind', 'listKind'] as const

function checkNames(names: JsonObject, problems: Problems): void {
  for (const key of NAMES) {
    const name = textAt(names, key)
    const field = `spec.names.${key}`
    const mixed = key === 'kind' || key === 'listKind'
    if (name === '') problems.required(field)
    else if (!mixed) report(problems, field, name, label1035Name(name))
    else {
      const words = label1035Name(name.toLowerCase())
      const prefix = 'may have mixed case, but should otherwise match: '
      report(
        problems,
        field,
        name,
        words.map((one) => `${prefix}${one}`),
      )
    }
  }
}
