import { getOwn, type JsonObject } from '@proa/kube'
import { listAt, numberAt, objectAt, textAt } from './fields.ts'
import { checkLabels, report } from './metadata.ts'
import { isPort, labelName, PORT_RANGE, subdomainName } from './names.ts'
import { checkPort } from './probes.ts'
import type { Problems } from './problems.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const AFFINITIES = ['ClientIP', 'None']

export function checkService(service: JsonObject, problems: Problems): void {
  const spec = objectAt(service, 'spec')
  const type = textAt(spec, 'type')
  const headless = textAt(spec, 'clusterIP') === 'None'
  if (type === 'ExternalName') {
    const name = textAt(spec, 'externalName').replace(/\.$/, '')
    if (name === '') problems.required('spec.externalName')
    else report(problems, 'spec.externalName', name, subdomainName(name))
  }
  const ports = listAt(spec, 'ports')
  if (ports.length === 0 && type !== 'ExternalName' && !headless) problems.required('spec.ports')
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    checkServicePort(port, `spec.ports[${index}]`, { names, named: ports.length > 1, problems })
  }
  checkLabels(spec, 'spec.selector', problems, 'selector')
  choose(spec, 'sessionAffinity', AFFINITIES, problems)
  choose(spec, 'type', TYPES, problems)
  checkDuplicates(ports, problems)
}

function choose(spec: JsonObject, key: string, values: readonly string[], problems: Problems): void {
  const value = textAt(spec, key)
  if (value === '') problems.required(`spec.${key}`)
  else if (!values.includes(value)) problems.unsupported(`spec.${key}`, value, values)
}

interface PortScope {
  readonly names: Set<string>
  /** Several ports need names. */
  readonly named: boolean
  readonly problems: Problems
}

function checkServicePort(port: JsonObject, path: string, { names, named, problems }: PortScope): void {
  const name = textAt(port, 'name')
  if (name === '' && named) problems.required(`${path}.name`)
  if (name !== '') {
    report(problems, `${path}.name`, name, labelName(name))
    if (names.has(name)) problems.duplicate(`${path}.name`, name)
    names.add(name)
  }
  const number = numberAt(port, 'port') ?? 0
  if (!isPort(number)) problems.invalid(`${path}.port`, number, PORT_RANGE)
  const protocol = textAt(port, 'protocol')
  if (protocol === '') problems.required(`${path}.protocol`)
  else if (!PROTOCOLS.includes(protocol)) problems.unsupported(`${path}.protocol`, protocol, PROTOCOLS)
  if (getOwn(port, 'targetPort') !== undefined) checkPort(port, `${path}.targetPort`, problems, 'targetPort')
  else checkPort(port, `${path}.targetPort`, problems)
}

/** Printed by Go's field names. */
function checkDuplicates(ports: readonly JsonObject[], problems: Problems): void {
  const seen = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const protocol = textAt(port, 'protocol')
    const number = numberAt(port, 'port') ?? 0
    const key = `${protocol}/${number}`
    if (seen.has(key)) {
      const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: number, TargetPort: 0, NodePort: 0 }
      problems.duplicate(`spec.ports[${index}]`, shown)
    }
    seen.add(key)
  }
}

/** The address of a Service stays, as long as it has one. */
export function checkServiceUpdate(service: JsonObject, old: JsonObject, problems: Problems): void {
  const spec = objectAt(service, 'spec')
  const before = objectAt(old, 'spec')
  if (textAt(before, 'type') === 'ExternalName' || textAt(spec, 'type') === 'ExternalName') return
  const was = textAt(before, 'clusterIP')
  const now = textAt(spec, 'clusterIP')
  if (was !== '' && now !== was) {
    problems.invalid('spec.clusterIPs[0]', getOwn(spec, 'clusterIP') ?? null, 'may not change once set')
  }
}
