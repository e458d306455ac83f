import type { JsonObject } from '@proa/kube'
import { isSet, listAt, objectAt, optionalAt, textAt } from './fields.ts'
import { report } from './metadata.ts'
import { configKey, subdomainName } from './names.ts'
import type { Problems } from './problems.ts'

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef']

/** The environment of a container. Names are free since Kubernetes 1.34, but for `=` and what cannot be printed. */
export function checkEnvironment(container: JsonObject, field: string, problems: Problems): void {
  for (const [index, variable] of listAt(container, 'env').entries()) {
    const path = `${field}.env[${index}]`
    const name = textAt(variable, 'name')
    if (name === '') problems.required(`${path}.name`)
    else if (!/^[ -<>-~]+$/.test(name)) {
      const rule = "a valid environment variable name must consist only of printable ASCII characters other than '='"
      problems.invalid(`${path}.name`, name, `${rule} (e.g. 'my-env.name', regex used for validation is '^[ -<>-~]+$')`)
    }
    const from = optionalAt(variable, 'valueFrom')
    if (from !== undefined) checkSource(variable, from, `${path}.valueFrom`, problems)
  }
  for (const [index, source] of listAt(container, 'envFrom').entries()) {
    checkEnvFrom(source, `${field}.envFrom`, `${field}.envFrom[${index}]`, problems)
  }
}

function checkSource(variable: JsonObject, from: JsonObject, field: string, problems: Problems): void {
  const given = SOURCES.filter((source) => isSet(from, source))
  if (isSet(from, 'fieldRef')) checkFieldRef(objectAt(from, 'fieldRef'), `${field}.fieldRef`, problems)
  if (isSet(from, 'configMapKeyRef'))
    checkKeyRef(objectAt(from, 'configMapKeyRef'), `${field}.configMapKeyRef`, problems)
  if (isSet(from, 'secretKeyRef')) checkKeyRef(objectAt(from, 'secretKeyRef'), `${field}.secretKeyRef`, problems)
  if (given.length === 0) {
    const all = `${SOURCES.slice(0, -1)
      .map((one) => `\`${one}\``)
      .join(', ')} or \`${SOURCES.at(-1)}\``
    problems.invalid(field, '', `must specify one of: ${all}`)
  } else if (textAt(variable, 'value') !== '') {
    problems.invalid(field, '', 'may not be specified when `value` is not empty')
  } else if (given.length > 1) problems.invalid(field, '', 'may not have more than one field specified at a time')
}

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
const OTHER_FIELDS = [
  'metadata.labels',
  'metadata.annotations',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]

function checkFieldRef(reference: JsonObject, field: string, problems: Problems): void {
  const path = textAt(reference, 'fieldPath')
  if (path === '') {
    problems.required(`${field}.fieldPath`)
    return
  }
  if (/^metadata\.(labels|annotations)\['[^']+'\]$/.test(path) || ENV_FIELDS.includes(path)) return
  if (OTHER_FIELDS.includes(path)) problems.unsupported(`${field}.fieldPath`, path, ENV_FIELDS)
  else problems.invalid(`${field}.fieldPath`, path, `error converting fieldPath: field label not supported: ${path}`)
}

function checkKeyRef(reference: JsonObject, field: string, problems: Problems): void {
  if (textAt(reference, 'name') === '') problems.required(`${field}.name`)
  const key = textAt(reference, 'key')
  if (key === '') problems.required(`${field}.key`)
  else report(problems, `${field}.key`, key, configKey(key))
}

function checkEnvFrom(source: JsonObject, field: string, item: string, problems: Problems): void {
  const kinds = ['configMapRef', 'secretRef'].filter((kind) => isSet(source, kind))
  for (const kind of kinds) {
    const name = textAt(objectAt(source, kind), 'name')
    if (name === '') problems.required(`${item}.${kind}.name`)
    else report(problems, `${item}.${kind}.name`, name, subdomainName(name))
  }
  if (kinds.length === 0) problems.invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`')
  if (kinds.length > 1) problems.invalid(field, '', 'may not have more than one field specified at a time')
}
