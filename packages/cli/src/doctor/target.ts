import type { Target } from '@proa/doctor'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/** What a word of the command line asks about; kinds as kubectl knows them. */
const WORDS: Readonly<Record<string, string>> = {
  pod: 'Pod',
  pods: 'Pod',
  po: 'Pod',
  deployment: 'Deployment',
  deployments: 'Deployment',
  deploy: 'Deployment',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
  sts: 'StatefulSet',
  daemonset: 'DaemonSet',
  daemonsets: 'DaemonSet',
  ds: 'DaemonSet',
  replicaset: 'ReplicaSet',
  replicasets: 'ReplicaSet',
  rs: 'ReplicaSet',
  job: 'Job',
  jobs: 'Job',
  cronjob: 'CronJob',
  cronjobs: 'CronJob',
  cj: 'CronJob',
  replicationcontroller: 'ReplicationController',
  replicationcontrollers: 'ReplicationController',
  rc: 'ReplicationController',
  rollout: 'Rollout',
  rollouts: 'Rollout',
  ro: 'Rollout',
  // The kind is called Service, as another one is: Knative's short name says which is meant.
  ksvc: 'Service',
}

const NAMESPACE_WORDS: ReadonlySet<string> = new Set(['namespace', 'namespaces', 'ns'])
const WEBHOOK_WORDS: ReadonlySet<string> = new Set(['webhooks', 'webhook', 'mutatingwebhookconfigurations'])
const CERTIFICATE_WORDS: ReadonlySet<string> = new Set(['certs', 'cert', 'certificates'])

/** What was asked about. The namespace of a name without one is not known before the cluster is. */
export type AskedTarget =
  | Exclude<Target, { kind: 'workload' }>
  | {
      readonly kind: 'workload'
      readonly workload: string
      readonly namespace: string | undefined
      readonly name: string
    }

/**
 * Reads `pod shop/cart-x`, `deploy cart`, `deploy/cart`, `ns shop`, `webhooks`, `certs`, or nothing.
 * @param namespace of `-n`
 * @throws CliError
 */
export function readTarget([what, name]: readonly (string | undefined)[], namespace: string | undefined): AskedTarget {
  // `proa doctor -n shop`, as one asks kubectl for what is in a namespace.
  if (what === undefined)
    return namespace === undefined ? { kind: 'everything' } : { kind: 'namespace', name: namespace }
  const slash = what.indexOf('/')
  // `deploy/cart`, as kubectl takes it.
  if (slash > 0 && name === undefined && isKnown(what.slice(0, slash)))
    return readTarget([what.slice(0, slash), what.slice(slash + 1)], namespace)
  const word = what.toLowerCase()
  if (WEBHOOK_WORDS.has(word) || CERTIFICATE_WORDS.has(word)) {
    if (name !== undefined) throw usage(`"${what}" takes no name`, 'They are checked for the whole cluster.')
    return { kind: WEBHOOK_WORDS.has(word) ? 'webhooks' : 'certs' }
  }
  if (NAMESPACE_WORDS.has(word)) return { kind: 'namespace', name: named(what, name ?? namespace) }
  const workload = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
  if (workload === undefined) throw unknownWord(what, name)
  return { kind: 'workload', workload, ...splitName(named(what, name), namespace) }
}

function isKnown(word: string): boolean {
  const lower = word.toLowerCase()
  return Object.hasOwn(WORDS, lower) || NAMESPACE_WORDS.has(lower)
}

function named(what: string, name: string | undefined): string {
  if (name === undefined || name === '') throw usage(`which ${what}?`, `Name it: proa doctor ${what} NAME`)
  return name
}

function splitName(
  text: string,
  namespace: string | undefined,
): { readonly namespace: string | undefined; readonly name: string } {
  const parts = text.split('/')
  const [first = '', second = ''] = parts
  if (parts.length === 1) return { namespace, name: first }
  if (parts.length > 2 || first === '' || second === '') {
    throw usage(`"${text}" is no name`, 'Write it as NAMESPACE/NAME, or as NAME with -n NAMESPACE.')
  }
  if (namespace !== undefined && namespace !== first) {
    throw usage(`"${text}" is not in the namespace "${namespace}" of -n`, 'Leave one of the two out.')
  }
  return { namespace: first, name: second }
}

function unknownWord(what: string, name: string | undefined): CliError {
  const known =
    'pod, deployment (deploy), statefulset (sts), daemonset (ds), job, cronjob (cj), rollout, namespace (ns), webhooks, certs'
  const kindIsMissing = name === undefined && what.includes('/')
  const hint = kindIsMissing ? `Say of what kind it is: proa doctor pod ${what}` : `It is one of ${known}.`
  return usage(`"${what}" is nothing that the doctor can be asked about`, hint)
}

function usage(message: string, hint: string): CliError {
  return new CliError(message, { exitCode: ExitCode.Usage, hint })
}
