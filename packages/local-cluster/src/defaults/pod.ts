import { getOwn, setOwn } from '@proa/kube'
import { fillContainer, fillRequests, spellQuantities } from './container.ts'
import { type Draft, fill, part, partOrEmpty, parts, textIn } from './fill.ts'
import { fillVolume } from './volumes.ts'

/** Defaults of a Pod's spec, also inside templates (core/v1 defaults: PodSpec). */
export function fillPodSpec(spec: Draft): void {
  fill(spec, 'dnsPolicy', 'ClusterFirst')
  fill(spec, 'restartPolicy', 'Always')
  if (getOwn(spec, 'hostNetwork') === true) fillHostPorts(spec)
  fill(spec, 'securityContext', {})
  fill(spec, 'terminationGracePeriodSeconds', 30)
  fill(spec, 'schedulerName', 'default-scheduler')
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of parts(spec, kind)) fillContainer(container)
  }
  for (const volume of parts(spec, 'volumes')) fillVolume(volume)
  for (const constraint of parts(spec, 'topologySpreadConstraints')) {
    // Only the text of the API's older clients is affected; newer ones leave both out.
    if (textIn(constraint, 'whenUnsatisfiable') === '') fill(constraint, 'whenUnsatisfiable', 'DoNotSchedule')
  }
  for (const toleration of parts(spec, 'tolerations')) {
    if (getOwn(toleration, 'tolerationSeconds') === null) delete toleration.tolerationSeconds
  }
  spellQuantities(part(spec, 'resources'))
  // The old name of the field is kept in step with the new one.
  const account = textIn(spec, 'serviceAccountName') || textIn(spec, 'serviceAccount')
  if (account !== '') {
    setOwn(spec, 'serviceAccountName', account)
    setOwn(spec, 'serviceAccount', account)
  }
}

/** On the host's network a container's port is the host's port. */
function fillHostPorts(spec: Draft): void {
  for (const kind of ['initContainers', 'containers']) {
    for (const container of parts(spec, kind)) {
      for (const port of parts(container, 'ports')) {
        const number = getOwn(port, 'containerPort')
        if ((getOwn(port, 'hostPort') ?? 0) === 0 && number !== undefined) setOwn(port, 'hostPort', number)
      }
    }
  }
}

/** A Pod itself: what templates do not get. */
export function fillPod(pod: Draft): void {
  const spec = partOrEmpty(pod, 'spec')
  fillPodSpec(spec)
  for (const kind of ['initContainers', 'containers']) {
    for (const container of parts(spec, kind)) fillRequests(part(container, 'resources'))
  }
  fillRequests(part(spec, 'resources'))
  if (getOwn(spec, 'enableServiceLinks') === undefined) setOwn(spec, 'enableServiceLinks', true)
}

/** The Pod template of a workload. */
export function fillTemplate(holder: Draft | undefined): void {
  if (holder === undefined) return
  const template = partOrEmpty(holder, 'template')
  const metadata = partOrEmpty(template, 'metadata')
  // Go's zero time is printed as null, and read back as nothing.
  if (getOwn(metadata, 'creationTimestamp') === null) delete metadata.creationTimestamp
  fillPodSpec(partOrEmpty(template, 'spec'))
}
