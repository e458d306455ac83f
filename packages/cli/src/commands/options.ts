import type { CustomWorkload } from '@proa/kube'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ConfigFileNames } from '../config-files.ts'

/** `-f`, on every command that reads manifests. */
export interface InputOptions {
  readonly filename?: readonly string[]
  readonly workload?: readonly CustomWorkload[]
}

/** The flags of the injector's configuration, shared by `inject` and `explain`. */
export interface ConfigOptions {
  readonly injectConfigFile?: string
  readonly valuesFile?: string
  readonly meshConfigFile?: string
  readonly revision?: string
  readonly compat: string
  readonly nativeSidecars?: 'true' | 'false' | 'auto'
  readonly nodes?: string
  readonly namespaces?: string
  readonly namespace?: string
}

export function configFileNames(options: ConfigOptions): ConfigFileNames {
  return { config: options.injectConfigFile, values: options.valuesFile, mesh: options.meshConfigFile }
}

export function addInputOptions(command: Command): Command {
  return command
    .option('-f, --filename <file>', 'manifests to read: a file, a directory, or - for stdin (repeatable)', append)
    .option(
      '--workload <kind[.group]=path>',
      'where objects of a kind of your own hold their Pod: Job.example.com=spec.template (repeatable)',
      appendWorkload,
    )
}

export function addConfigOptions(command: Command): Command {
  const file = (name: string, text: string) => command.option(`--${name} <file>`, text)
  file('injectConfigFile', 'the injector configuration, or the ConfigMap that holds it')
  file('valuesFile', 'the values of the injector, or the ConfigMap that holds them')
  file('meshConfigFile', 'the mesh configuration, or the ConfigMap that holds it')
  // The same flags in the spelling that every other flag has.
  for (const alias of ['inject-config-file', 'values-file', 'mesh-config-file']) {
    command.addOption(new Option(`--${alias} <file>`).hideHelp())
  }
  command
    .option('-r, --revision <name>', 'the revision of the injector')
    .option('--compat <release>', 'behave as this Istio release: auto, current, or 1.8 and later', 'auto')
    .addOption(
      new Option('--native-sidecars <when>', 'run the proxy as a native sidecar').choices(['true', 'false', 'auto']),
    )
    .option(
      '--nodes <file>',
      'the Nodes of the cluster, whose versions decide --native-sidecars auto; "cluster" asks that of KUBECONFIG',
    )
    .option('--namespaces <file>', 'the Namespaces of the cluster with their labels and annotations')
    .option('-n, --namespace <name>', 'the namespace of objects that name none')
  for (const flag of ['injectConfigMapName', 'meshConfigMapName']) {
    command.addOption(new Option(`--${flag} <name>`).hideHelp().argParser(needsCluster))
  }
  return command
}

function append(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

function appendWorkload(value: string, previous: readonly CustomWorkload[] | undefined): CustomWorkload[] {
  return [...(previous ?? []), parseWorkload(value)]
}

/** `Kind[.group]=path.to.template`; an empty path (`Kind=`) says that the object itself is shaped like a Pod. */
function parseWorkload(text: string): CustomWorkload {
  const match = /^([A-Za-z][A-Za-z0-9]*)(?:\.([a-z0-9.-]+))?=\.?([A-Za-z0-9_.-]*)$/.exec(text)
  if (match === null) {
    throw new InvalidArgumentError('Write it as Kind=path or Kind.group=path: Job.example.com=spec.template')
  }
  const [, kind = '', group, path = ''] = match
  const steps = path === '' ? [] : path.split('.')
  if (steps.includes('')) throw new InvalidArgumentError('The path has an empty step.')
  return { kind, ...(group === undefined ? {} : { group }), path: steps }
}

function needsCluster(): never {
  throw new InvalidArgumentError(
    'proa asks no cluster. Save the ConfigMap with "kubectl get configmap NAME -o yaml" and give the file to ' +
      '--injectConfigFile or --meshConfigFile.',
  )
}
