import { isIP } from 'node:net'
import type { JsonObject } from '@proa/kube'
import { type ContainerScope, checkContainer, checkId } from './container.ts'
import { isSet, listAt, numberAt, objectAt, optionalAt, textAt } from './fields.ts'
import { checkLabels, report } from './metadata.ts'
import { labelWithoutDots, subdomainName } from './names.ts'
import type { Problems } from './problems.ts'
import { checkVolumes } from './volumes.ts'

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const MAX_SECONDS = 2_147_483_647

/** A Pod's spec, also inside templates (core/v1 validation, ValidatePodSpec). */
export function checkPodSpec(spec: JsonObject, field: string, problems: Problems): void {
  const volumes = checkVolumes(spec, field, problems)
  checkContainers(spec, field, volumes, problems)
  choose(spec, 'restartPolicy', RESTART_POLICIES, field, problems)
  choose(spec, 'dnsPolicy', DNS_POLICIES, field, problems)
  checkPodSecurity(objectAt(spec, 'securityContext'), `${field}.securityContext`, problems)
  checkNames(spec, field, problems)
  if (textAt(spec, 'dnsPolicy') === 'None') checkNameservers(spec, field, problems)
  const deadline = numberAt(spec, 'activeDeadlineSeconds')
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_SECONDS)) {
    problems.invalid(`${field}.activeDeadlineSeconds`, deadline, `must be between 1 and ${MAX_SECONDS}, inclusive`)
  }
  checkTolerations(spec, field, problems)
  checkHostAliases(spec, field, problems)
}

function checkContainers(spec: JsonObject, field: string, volumes: ReadonlySet<string>, problems: Problems): void {
  const hostNetwork = spec.hostNetwork === true
  const scope: ContainerScope = { problems, volumes, hostNetwork, names: new Set(), hostPorts: new Set() }
  const containers = listAt(spec, 'containers')
  if (containers.length === 0) problems.required(`${field}.containers`)
  for (const [index, container] of containers.entries()) {
    checkContainer(container, `${field}.containers[${index}]`, scope, false)
  }
  for (const [index, container] of listAt(spec, 'initContainers').entries()) {
    // Init containers do not run beside each other, so only the ports of each count.
    const own = { ...scope, hostPorts: new Set<string>() }
    checkContainer(container, `${field}.initContainers[${index}]`, own, true)
  }
}

function choose(spec: JsonObject, key: string, values: readonly string[], field: string, problems: Problems): void {
  const value = textAt(spec, key)
  if (value === '') problems.required(`${field}.${key}`)
  else if (!values.includes(value)) problems.unsupported(`${field}.${key}`, value, values)
}

const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'

function checkPodSecurity(security: JsonObject, field: string, problems: Problems): void {
  for (const key of ['fsGroup', 'runAsUser', 'runAsGroup']) checkId(security, key, field, problems)
  for (const [index, sysctl] of listAt(security, 'sysctls').entries()) {
    const name = textAt(sysctl, 'name')
    const path = `${field}.sysctls[${index}].name`
    if (name === '') problems.required(path)
    else if (name.length > 253 || !new RegExp(SYSCTL).test(name)) {
      problems.invalid(path, name, `must have at most 253 characters and match regex ${SYSCTL}`)
    }
  }
}

function checkNames(spec: JsonObject, field: string, problems: Problems): void {
  checkLabels(spec, `${field}.nodeSelector`, problems, 'nodeSelector')
  for (const key of ['serviceAccountName', 'nodeName', 'priorityClassName']) {
    const name = textAt(spec, key)
    if (name !== '') report(problems, `${field}.${key}`, name, subdomainName(name))
  }
  for (const key of ['hostname', 'subdomain']) {
    const name = textAt(spec, key)
    if (name !== '') report(problems, `${field}.${key}`, name, labelWithoutDots(name))
  }
}

function checkNameservers(spec: JsonObject, field: string, problems: Problems): void {
  const config = optionalAt(spec, 'dnsConfig')
  if (config === undefined) problems.required(`${field}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None')
  else if (!isSet(config, 'nameservers')) {
    problems.required(
      `${field}.dnsConfig.nameservers`,
      'must provide at least one DNS nameserver when `dnsPolicy` is None',
    )
  }
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function checkTolerations(spec: JsonObject, field: string, problems: Problems): void {
  for (const [index, toleration] of listAt(spec, 'tolerations').entries()) {
    const path = `${field}.tolerations[${index}]`
    const key = textAt(toleration, 'key')
    const operator = textAt(toleration, 'operator')
    const value = textAt(toleration, 'value')
    if (key === '' && operator !== 'Exists') {
      const words = "operator must be Exists when `key` is empty, which means 'match all values and all keys'"
      problems.invalid(`${path}.operator`, operator, words)
    }
    if (isSet(toleration, 'tolerationSeconds') && textAt(toleration, 'effect') !== 'NoExecute') {
      const words = "effect must be 'NoExecute' when `tolerationSeconds` is set"
      problems.invalid(`${path}.effect`, textAt(toleration, 'effect'), words)
    }
    if (operator === 'Exists' && value !== '') {
      problems.invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")
    } else if (!['', 'Equal', 'Exists'].includes(operator)) {
      problems.unsupported(`${path}.operator`, operator, ['Equal', 'Exists'])
    }
    const effect = textAt(toleration, 'effect')
    if (effect !== '' && !EFFECTS.includes(effect)) problems.unsupported(`${path}.effect`, effect, EFFECTS)
  }
}

function checkHostAliases(spec: JsonObject, field: string, problems: Problems): void {
  for (const [index, alias] of listAt(spec, 'hostAliases').entries()) {
    const ip = textAt(alias, 'ip')
    if (isIP(ip) !== 0) continue
    const words = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
    problems.invalid(`${field}.hostAliases[${index}].ip`, ip, words)
  }
}
