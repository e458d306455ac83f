/** The functions about ports: which of a Pod's are captured and which are left alone. */

import { type FunctionMap, type GoStruct, goFunction, goSprint, type Value } from '@proa/go-template'
import { CONTAINER } from '../names.ts'
import { asStruct } from './struct.ts'

export const portFunctions: FunctionMap = {
  excludeInboundPort: goFunction(['any', 'string'], excludeInboundPort),
  includeInboundPorts: goFunction(['[]v1.Container'], (containers: readonly Value[]) =>
    portsOf(containers, () => true),
  ),
  applicationPorts: goFunction(['[]v1.Container'], (containers: readonly Value[]) =>
    portsOf(containers, (name) => name !== CONTAINER.proxy),
  ),
}

/**
 * Adds a port to a comma list unless it stands there already, compared without trimming: `" 80"` is not `80`.
 * A port that is empty or 0 leaves the list as it is.
 */
export function excludeInboundPort(port: Value, list: string): string {
  const wanted = goSprint([port ?? null]).trim()
  if (wanted === '' || wanted === '0') return list
  const ports = list === '' ? [] : list.split(',')
  if (ports.includes(wanted)) return list
  const kept = ports.map((item) => item.trim()).filter((item) => item !== '')
  return [...kept, wanted].join(',')
}

function portsOf(containers: readonly Value[], include: (name: string) => boolean): string {
  return containers
    .map(asStruct)
    .filter((container) => container !== undefined && include(String(container.field('Name'))))
    .flatMap((container) => (container === undefined ? [] : tcpPorts(container)))
    .join(',')
}

function tcpPorts(container: GoStruct): string[] {
  const ports = container.field('Ports')
  if (!Array.isArray(ports)) return []
  return ports
    .map(asStruct)
    .filter((port) => port !== undefined && port.field('Protocol') !== 'UDP' && port.field('Protocol') !== 'SCTP')
    .map((port) => goSprint([port?.field('ContainerPort') ?? null]))
}
