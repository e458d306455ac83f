import { type Draft, fill, part, partOrEmpty, parts } from './fill.ts'

/** Mutating and validating webhook configurations (admissionregistration/v1 defaults). */
export function fillWebhookConfiguration(configuration: Draft): void {
  const mutating = configuration.kind === 'MutatingWebhookConfiguration'
  for (const webhook of parts(configuration, 'webhooks')) {
    fill(webhook, 'failurePolicy', 'Fail')
    fill(webhook, 'matchPolicy', 'Equivalent')
    fill(webhook, 'namespaceSelector', {})
    fill(webhook, 'objectSelector', {})
    fill(webhook, 'timeoutSeconds', 10)
    if (mutating) fill(webhook, 'reinvocationPolicy', 'Never')
    for (const rule of parts(webhook, 'rules')) fill(rule, 'scope', '*')
    const service = part(part(webhook, 'clientConfig'), 'service')
    if (service !== undefined) fill(service, 'port', 443)
  }
}

/** Policies, mutating and validating. */
export function fillPolicy(policy: Draft): void {
  const spec = partOrEmpty(policy, 'spec')
  fill(spec, 'failurePolicy', 'Fail')
  fillMatchResources(part(spec, 'matchConstraints'))
}

export function fillPolicyBinding(binding: Draft): void {
  const spec = partOrEmpty(binding, 'spec')
  fillMatchResources(part(spec, 'matchResources'))
  const reference = part(spec, 'paramRef')
  if (reference !== undefined) fill(reference, 'parameterNotFoundAction', 'Deny')
}

function fillMatchResources(resources: Draft | undefined): void {
  if (resources === undefined) return
  fill(resources, 'matchPolicy', 'Equivalent')
  fill(resources, 'namespaceSelector', {})
  fill(resources, 'objectSelector', {})
  for (const rule of [...parts(resources, 'resourceRules'), ...parts(resources, 'excludeResourceRules')]) {
    fill(rule, 'scope', '*')
  }
}
