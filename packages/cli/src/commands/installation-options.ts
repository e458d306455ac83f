import type { GuardAction, InstallationOptions } from '@proa/manifests'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ConfigFileNames } from '../config-files.ts'

/** The flags that say what an installation is, shared by `install` and `manifests`. */
export interface InstallationFlags {
  readonly namespace: string
  readonly revision: string
  readonly tag?: readonly string[]
  readonly image?: string
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never'
  readonly imagePullSecret?: readonly string[]
  readonly replicas?: number
  readonly workers?: number
  readonly priorityClass?: string
  readonly failurePolicy?: 'Fail' | 'Ignore'
  readonly webhookTimeout?: number
  readonly injectUnlabelled?: boolean
  readonly guard?: readonly GuardAction[]
  readonly networkPolicy?: boolean
  readonly serviceMonitor?: boolean
  readonly platform?: string
  readonly env?: Readonly<Record<string, string>>
  readonly compat?: string
  readonly configFrom?: string
  readonly injectConfigFile?: string
  readonly valuesFile?: string
  readonly meshConfigFile?: string
}

export function addInstallationOptions(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'where the injector runs', 'istio-system')
    .option('-r, --revision <name>', 'the revision that the injector is', 'default')
    .option('--tag <name>', 'another name for the revision (repeatable)', append)
    .option('--image <image>', 'the image of the injector')
    .addOption(
      new Option('--image-pull-policy <policy>', 'when the image is fetched').choices([
        'Always',
        'IfNotPresent',
        'Never',
      ]),
    )
    .option('--image-pull-secret <name>', 'a Secret for the registry of the image (repeatable)', append)
    .option('--replicas <number>', 'how many injectors run; default 2', wholeNumber)
    .option('--workers <number>', 'threads that inject, per replica; default 0: the one that serves', wholeNumber)
    .option('--priority-class <name>', 'for example system-cluster-critical')
    .addOption(
      new Option('--failure-policy <policy>', 'what a Pod gets when no injector answers').choices(['Fail', 'Ignore']),
    )
    .option('--webhook-timeout <seconds>', 'how long the API server waits for an answer; default 5', wholeNumber)
    .option('--inject-unlabelled', 'inject Pods in namespaces without any label, too')
    .option(
      '--guard <actions>',
      'refuse or report Pods that were missed: deny, warn, audit, or two of them',
      guardActions,
    )
    .option('--network-policy', 'let only the ports of the injector be reached')
    .option('--service-monitor', 'have Prometheus’ operator read the metrics')
    .option('--platform <name>', 'openshift: read the ids that namespaces have there')
    .option('--env <NAME=value>', 'a variable for the injector (repeatable)', variable)
    .option('--compat <release>', 'behave as this Istio release: current, or 1.8 and later; default: by the image tag')
    .option('--config-from <revision>', 'use the ConfigMaps of Istio’s revision as they are, instead of own ones')
    .option('--injectConfigFile <file>', 'the injector configuration for the own ConfigMap')
    .option('--valuesFile <file>', 'the values for the own ConfigMap')
    .option('--meshConfigFile <file>', 'the mesh configuration for the own ConfigMap')
}

export function installationFileNames(flags: InstallationFlags): ConfigFileNames {
  return { config: flags.injectConfigFile, values: flags.valuesFile, mesh: flags.meshConfigFile }
}

/** The options of the manifests that the flags ask for, but for the configuration. */
export function installationOptions(flags: InstallationFlags): InstallationOptions {
  const { namespace, revision, guard } = flags
  return {
    namespace,
    revision,
    ...(flags.tag === undefined ? {} : { tags: flags.tag }),
    ...(flags.image === undefined ? {} : { image: flags.image }),
    ...(flags.imagePullPolicy === undefined ? {} : { imagePullPolicy: flags.imagePullPolicy }),
    ...(flags.imagePullSecret === undefined ? {} : { imagePullSecrets: flags.imagePullSecret }),
    ...(flags.replicas === undefined ? {} : { replicas: flags.replicas }),
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
    ...(flags.priorityClass === undefined ? {} : { priorityClassName: flags.priorityClass }),
    ...(flags.failurePolicy === undefined ? {} : { failurePolicy: flags.failurePolicy }),
    ...(flags.webhookTimeout === undefined ? {} : { timeoutSeconds: flags.webhookTimeout }),
    ...(flags.injectUnlabelled === undefined ? {} : { injectUnlabelledNamespaces: flags.injectUnlabelled }),
    ...(guard === undefined ? {} : { guard: { actions: guard } }),
    ...(flags.networkPolicy === undefined ? {} : { networkPolicy: flags.networkPolicy }),
    ...(flags.serviceMonitor === undefined ? {} : { serviceMonitor: flags.serviceMonitor }),
    ...(flags.platform === undefined ? {} : { platform: flags.platform }),
    ...(flags.env === undefined ? {} : { env: flags.env }),
    ...(flags.compat === undefined ? {} : { compat: flags.compat }),
  }
}

function append(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.')
  return Number(text)
}

const ACTIONS: Readonly<Record<string, GuardAction>> = { deny: 'Deny', warn: 'Warn', audit: 'Audit' }

function guardActions(text: string): GuardAction[] {
  return text.split(',').map((word) => {
    const action = Object.hasOwn(ACTIONS, word.toLowerCase()) ? ACTIONS[word.toLowerCase()] : undefined
    if (action === undefined) throw new InvalidArgumentError('It is deny, warn or audit, or two of them: deny,audit.')
    return action
  })
}

function variable(text: string, previous: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text)
  if (match === null) throw new InvalidArgumentError('Write it as NAME=value.')
  return { ...previous, [match[1] ?? '']: match[2] ?? '' }
}
