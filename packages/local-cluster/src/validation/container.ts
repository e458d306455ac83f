import { getOwn, type JsonObject, parseQuantity, type Quantity, QuantityError } from '@proa/kube'
import { checkEnvironment } from './environment.ts'
import { isSet, listAt, numberAt, objectAt, optionalAt, textAt, valueAt } from './fields.ts'
import { report } from './metadata.ts'
import { isPort, labelName, PORT_RANGE, portName } from './names.ts'
import { checkHandler, checkProbes } from './probes.ts'
import type { Problems } from './problems.ts'

export interface ContainerScope {
  readonly problems: Problems
  /** Names of containers that are taken already; init containers share them. */
  readonly names: Set<string>
  /** Names of the Pod's volumes. */
  readonly volumes: ReadonlySet<string>
  readonly hostNetwork: boolean
  /** `TCP//8080` of host ports that are taken. */
  readonly hostPorts: Set<string>
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']

/** One container; `init` for an init container. */
export function checkContainer(container: JsonObject, field: string, scope: ContainerScope, init: boolean): void {
  const { problems } = scope
  checkName(container, field, scope)
  const image = textAt(container, 'image')
  if (image === '') problems.required(`${field}.image`)
  else if (image.trim() !== image) {
    problems.invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')
  }
  const sidecar = textAt(container, 'restartPolicy') === 'Always'
  const whole = !init || sidecar
  if (whole) checkLifecycle(container, field, problems)
  checkPorts(container, field, scope)
  checkEnvironment(container, field, problems)
  checkMounts(container, field, scope)
  const policy = textAt(container, 'imagePullPolicy')
  if (policy === '') problems.required(`${field}.imagePullPolicy`)
  else if (!PULL_POLICIES.includes(policy)) problems.unsupported(`${field}.imagePullPolicy`, policy, PULL_POLICIES)
  checkResources(objectAt(container, 'resources'), `${field}.resources`, problems)
  const restart = textAt(container, 'restartPolicy')
  if (restart !== '' && !RESTART_POLICIES.includes(restart)) {
    problems.unsupported(`${field}.restartPolicy`, restart, RESTART_POLICIES)
  }
  checkSecurity(container, field, problems)
  checkUnique(container, field, scope)
  if (whole) checkProbes(container, field, problems)
  else forbidForInit(container, field, problems)
}

function forbidForInit(container: JsonObject, field: string, problems: Problems): void {
  for (const key of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isSet(container, key)) {
      problems.forbidden(`${field}.${key}`, 'may not be set for init containers without restartPolicy=Always')
    }
  }
}

function checkName(container: JsonObject, field: string, { problems }: ContainerScope): void {
  const name = textAt(container, 'name')
  if (name === '') problems.required(`${field}.name`)
  else report(problems, `${field}.name`, name, labelName(name))
}

function checkUnique(container: JsonObject, field: string, { names, problems }: ContainerScope): void {
  const name = textAt(container, 'name')
  if (name !== '' && names.has(name)) problems.duplicate(`${field}.name`, name)
  names.add(name)
}

function checkLifecycle(container: JsonObject, field: string, problems: Problems): void {
  const lifecycle = objectAt(container, 'lifecycle')
  for (const hook of ['postStart', 'preStop']) {
    const action = optionalAt(lifecycle, hook)
    if (action !== undefined) checkHandler(action, `${field}.lifecycle.${hook}`, problems)
  }
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

function checkPorts(container: JsonObject, field: string, scope: ContainerScope): void {
  const { problems } = scope
  const names = new Set<string>()
  for (const [index, port] of listAt(container, 'ports').entries()) {
    const path = `${field}.ports[${index}]`
    const name = textAt(port, 'name')
    if (name !== '') {
      const words = portName(name)
      report(problems, `${path}.name`, name, words)
      if (words.length === 0 && names.has(name)) problems.duplicate(`${path}.name`, name)
      names.add(name)
    }
    const number = numberAt(port, 'containerPort') ?? 0
    if (number === 0) problems.required(`${path}.containerPort`)
    else if (!isPort(number)) problems.invalid(`${path}.containerPort`, number, PORT_RANGE)
    const protocol = textAt(port, 'protocol')
    checkHostPort(port, path, protocol, scope)
    if (protocol === '') problems.required(`${path}.protocol`)
    else if (!PROTOCOLS.includes(protocol)) problems.unsupported(`${path}.protocol`, protocol, PROTOCOLS)
  }
}

function checkHostPort(port: JsonObject, path: string, protocol: string, scope: ContainerScope): void {
  const { problems, hostPorts } = scope
  const host = numberAt(port, 'hostPort') ?? 0
  if (host === 0) return
  if (!isPort(host)) problems.invalid(`${path}.hostPort`, host, PORT_RANGE)
  if (scope.hostNetwork && host !== numberAt(port, 'containerPort')) {
    problems.invalid(`${path}.hostPort`, host, 'must match `containerPort` when `hostNetwork` is true')
  }
  const key = `${protocol}/${textAt(port, 'hostIP')}/${host}`
  if (hostPorts.has(key)) problems.duplicate(`${path}.hostPort`, key)
  hostPorts.add(key)
}

function checkMounts(container: JsonObject, field: string, { problems, volumes }: ContainerScope): void {
  const paths = new Set<string>()
  for (const [index, mount] of listAt(container, 'volumeMounts').entries()) {
    const item = `${field}.volumeMounts[${index}]`
    const name = textAt(mount, 'name')
    if (name === '') problems.required(`${item}.name`)
    else if (!volumes.has(name)) problems.notFound(`${item}.name`, name)
    const path = textAt(mount, 'mountPath')
    if (path === '') problems.required(`${item}.mountPath`)
    else if (paths.has(path)) problems.invalid(`${item}.mountPath`, path, 'must be unique')
    paths.add(path)
    const subPath = textAt(mount, 'subPath')
    // The API server leaves out the index here.
    const where = `${field}.volumeMounts.subPath`
    if (subPath.startsWith('/')) problems.invalid(where, subPath, 'must be a relative path')
    if (subPath.split('/').includes('..')) problems.invalid(where, subPath, "must not contain '..'")
  }
}

const STANDARD_RESOURCES = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/

/** Requests and limits. */
export function checkResources(resources: JsonObject, field: string, problems: Problems): void {
  for (const kind of ['limits', 'requests']) {
    for (const [name, amount] of Object.entries(objectAt(resources, kind))) {
      const path = `${field}.${kind}[${name}]`
      if (!name.includes('/') && !STANDARD_RESOURCES.test(name)) {
        problems.invalid(path, name, 'must be a standard resource type or fully qualified')
        problems.invalid(path, name, 'must be a standard resource for containers')
      }
      if ((quantity(amount)?.unscaled ?? 0n) < 0n) {
        problems.invalid(path, String(amount), 'must be greater than or equal to 0')
      }
    }
  }
  for (const [name, request] of Object.entries(objectAt(resources, 'requests'))) {
    const limit = getOwn(objectAt(resources, 'limits'), name)
    if (limit === undefined || !exceeds(quantity(request), quantity(limit))) continue
    const words = `must be less than or equal to ${name} limit of ${String(limit)}`
    problems.invalid(`${field}.requests`, String(request), words)
  }
}

function quantity(amount: unknown): Quantity | undefined {
  try {
    return parseQuantity(String(amount))
  } catch (error) {
    if (error instanceof QuantityError) return undefined
    throw error
  }
}

function exceeds(left: Quantity | undefined, right: Quantity | undefined): boolean {
  if (left === undefined || right === undefined) return false
  const scale = Math.min(left.scale, right.scale)
  const raised = ({ unscaled, scale: own }: Quantity) => unscaled * 10n ** BigInt(own - scale)
  return raised(left) > raised(right)
}

const MAX_ID = 2_147_483_647
export const ID_RANGE = `must be between 0 and ${MAX_ID}, inclusive`

export function checkId(holder: JsonObject, key: string, field: string, problems: Problems): void {
  const id = numberAt(holder, key)
  if (id !== undefined && (id < 0 || id > MAX_ID)) problems.invalid(`${field}.${key}`, id, ID_RANGE)
}

/** Go's field names, as the API server prints the whole structure in one of its errors. */
const SECURITY_FIELDS = [
  'Capabilities',
  'Privileged',
  'SELinuxOptions',
  'WindowsOptions',
  'RunAsUser',
  'RunAsGroup',
  'RunAsNonRoot',
  'ReadOnlyRootFilesystem',
  'AllowPrivilegeEscalation',
  'ProcMount',
  'SeccompProfile',
  'AppArmorProfile',
]

function checkSecurity(container: JsonObject, field: string, problems: Problems): void {
  const security = optionalAt(container, 'securityContext')
  if (security === undefined) return
  const path = `${field}.securityContext`
  checkId(security, 'runAsUser', path, problems)
  checkId(security, 'runAsGroup', path, problems)
  if (security.allowPrivilegeEscalation !== false) return
  const shown = Object.fromEntries(SECURITY_FIELDS.map((name) => [name, valueAt(security, jsonName(name))]))
  if (security.privileged === true) {
    problems.invalid(path, shown, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true')
  }
  const added = getOwn(objectAt(security, 'capabilities'), 'add')
  if (Array.isArray(added) && added.includes('CAP_SYS_ADMIN')) {
    problems.invalid(path, shown, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN')
  }
}

function jsonName(field: string): string {
  return field.startsWith('SELinux') ? 'seLinuxOptions' : `${field.charAt(0).toLowerCase()}${field.slice(1)}`
}
