import { guardObstacle } from './guard/fitting.ts'
import { ManifestsError } from './manifests-error.ts'
import { DEFAULT_NAMESPACE, DEFAULT_REVISION } from './names.ts'
import type { Installation, InstallationOptions } from './options.ts'
import { VERSION } from './version.ts'

export const DEFAULT_IMAGE = `ghcr.io/proa/proa:${VERSION}`

/**
 * Fills in the defaults and checks what was given.
 * @throws ManifestsError
 */
export function resolveOptions(options: InstallationOptions = {}): Installation {
  const denies = options.guard?.actions.includes('Deny') === true
  const installation: Installation = {
    namespace: options.namespace ?? DEFAULT_NAMESPACE,
    createNamespace: options.createNamespace ?? true,
    revision: normalRevision(options.revision),
    tags: options.tags ?? [],
    image: options.image ?? DEFAULT_IMAGE,
    imagePullPolicy: options.imagePullPolicy,
    imagePullSecrets: options.imagePullSecrets ?? [],
    replicas: options.replicas ?? 2,
    workers: options.workers ?? 0,
    compat: options.compat ?? 'auto',
    resources: options.resources ?? DEFAULT_RESOURCES,
    priorityClassName: options.priorityClassName,
    failurePolicy: options.failurePolicy ?? (denies ? 'Ignore' : 'Fail'),
    timeoutSeconds: options.timeoutSeconds ?? 5,
    reinvocationPolicy: options.reinvocationPolicy ?? 'IfNeeded',
    injectUnlabelledNamespaces: options.injectUnlabelledNamespaces ?? false,
    deactivated: options.deactivated ?? false,
    guard: options.guard?.actions,
    networkPolicy: options.networkPolicy ?? false,
    serviceMonitor: options.serviceMonitor ?? false,
    platform: options.platform,
    configuration: options.configuration ?? { from: 'own' },
    env: options.env ?? {},
    managedBy: options.managedBy ?? 'proa',
  }
  check(installation)
  return installation
}

/** Memory stays under 200 MiB; a limit on CPU would only make Pods wait. */
const DEFAULT_RESOURCES = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } }

/** "" and `default` are one revision. */
export function normalRevision(revision: string | undefined): string {
  return revision === undefined || revision === '' ? DEFAULT_REVISION : revision
}

// Names of objects carry them, and labels and names of webhooks too: the narrowest rule (DNS label) holds for all.
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
/** What `istio-revision-tag-` and other prefixes leave of a name. */
const LONGEST_REVISION = 40

function check(installation: Installation): void {
  checkName('namespace', installation.namespace, 63)
  checkRevision('revision', installation.revision)
  if (installation.configuration.from === 'existing') {
    checkRevision('configuration.revision', normalRevision(installation.configuration.revision))
  }
  for (const [index, tag] of installation.tags.entries()) checkTag(`tags[${index}]`, tag, installation)
  checkInteger('replicas', installation.replicas, 1, 100)
  checkInteger('workers', installation.workers, 0, 64)
  checkInteger('timeoutSeconds', installation.timeoutSeconds, 1, 30)
  checkCompat(installation.compat)
  if (installation.image === '') throw new ManifestsError('image', 'is empty')
  checkGuard(installation)
}

function checkName(option: string, name: string, longest: number): void {
  if (DNS_LABEL.test(name) && name.length <= longest) return
  const allowed = `lower-case letters, digits and "-", at most ${longest} of them`
  throw new ManifestsError(option, `"${name}" cannot be part of a name in Kubernetes; use ${allowed}`)
}

/** @throws ManifestsError */
export function checkRevision(option: string, revision: string): void {
  checkName(option, revision, LONGEST_REVISION)
}

function checkTag(option: string, tag: string, { revision, tags }: Installation): void {
  checkRevision(option, tag)
  if (tag === revision) {
    throw new ManifestsError(option, `"${tag}" is the revision itself; a tag is another name for it`)
  }
  if (tags.indexOf(tag) !== tags.lastIndexOf(tag)) throw new ManifestsError(option, `"${tag}" is there twice`)
}

function checkInteger(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new ManifestsError(option, `${value} is not a whole number from ${least} to ${most}`)
}

/** The injector knows Istio 1.8 and later, and would not start otherwise. */
function checkCompat(compat: string): void {
  if (compat === 'auto' || compat === 'current') return
  const minor = /^1\.(\d{1,3})(\.\d{1,3})?$/.exec(compat)?.[1]
  if (minor !== undefined && Number(minor) >= 8) return
  throw new ManifestsError(
    'compat',
    `"${compat}" is no Istio release; use auto, current, or one from 1.8 on, such as 1.21`,
  )
}

function checkGuard({ guard, configuration }: Installation): void {
  if (guard === undefined) return
  if (guard.length === 0) throw new ManifestsError('guard', 'has no action; use Deny, Warn or Audit')
  if (new Set(guard).size !== guard.length) throw new ManifestsError('guard', 'has an action twice')
  // The API server's own rule for validationActions.
  if (guard.includes('Deny') && guard.includes('Warn')) {
    throw new ManifestsError('guard', 'Deny and Warn cannot be combined: whoever is refused needs no warning')
  }
  const config = configuration.from === 'own' ? configuration.texts?.config : undefined
  const obstacle = config === undefined ? undefined : guardObstacle(config)
  if (obstacle !== undefined) throw new ManifestsError('guard', obstacle)
}
