import { getOwn, type JsonObject } from '@proa/kube'
import { isSet, numberAt, objectAt, optionalAt, textAt, textsAt } from './fields.ts'
import { report } from './metadata.ts'
import { isPort, PORT_RANGE, portName } from './names.ts'
import type { Problems } from './problems.ts'

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']
const TIMES = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']
const NOT_NEGATIVE = 'must be greater than or equal to 0'

/** The three probes of a container. */
export function checkProbes(container: JsonObject, field: string, problems: Problems): void {
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = optionalAt(container, name)
    if (probe === undefined) continue
    const path = `${field}.${name}`
    checkHandler(probe, path, problems)
    for (const time of TIMES) {
      const value = numberAt(probe, time) ?? 0
      if (value < 0) problems.invalid(`${path}.${time}`, value, NOT_NEGATIVE)
    }
    const threshold = numberAt(probe, 'successThreshold') ?? 1
    if (name !== 'readinessProbe' && threshold > 1) problems.invalid(`${path}.successThreshold`, threshold, 'must be 1')
  }
}

/** What a probe or a lifecycle hook does: just one thing. */
export function checkHandler(action: JsonObject, field: string, problems: Problems): void {
  const given = HANDLERS.filter((handler) => isSet(action, handler))
  for (const [index, handler] of given.entries()) {
    const path = `${field}.${handler}`
    if (index > 0) problems.forbidden(path, 'may not specify more than 1 handler type')
    else checkAction(handler, objectAt(action, handler), path, problems)
  }
  if (given.length === 0) problems.required(field, 'must specify a handler type')
}

function checkAction(handler: string, action: JsonObject, field: string, problems: Problems): void {
  switch (handler) {
    case 'exec':
      if (textsAt(action, 'command').length === 0) problems.required(`${field}.command`)
      break
    case 'httpGet':
      if (textAt(action, 'path') === '') problems.required(`${field}.path`)
      checkPort(action, `${field}.port`, problems)
      if (!['HTTP', 'HTTPS'].includes(textAt(action, 'scheme'))) {
        problems.unsupported(`${field}.scheme`, textAt(action, 'scheme'), ['HTTP', 'HTTPS'])
      }
      break
    case 'tcpSocket':
    case 'grpc':
      checkPort(action, `${field}.port`, problems)
      break
    default:
  }
}

/** By number or by name. */
export function checkPort(holder: JsonObject, field: string, problems: Problems, key = 'port'): void {
  const port = getOwn(holder, key) ?? 0
  if (typeof port === 'number' && !isPort(port)) problems.invalid(field, port, PORT_RANGE)
  if (typeof port === 'string') report(problems, field, port, portName(port))
}
