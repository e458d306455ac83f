import { createClient, type KubeClient, loadKubeConfig, realTiming } from '@proa/kube-client'
import { authoritySecretName, injectorName, leaseName } from '@proa/manifests'
import {
  type CaBundleReporter,
  type CertificateSource,
  type ConfigurationSource,
  caBundleReporter,
  certificatesFromFiles,
  configMapNames,
  configurationFromConfigMaps,
  configurationFromFiles,
  type Logger,
  type PlainConfigurationOptions,
  runCaBundlePatcher,
  type SelfDiagnosis,
  type ServerMetrics,
  selfManagedCertificates,
  startSelfDiagnosis,
  takeOwnSnapshot,
} from '@proa/webhook'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { asCliError } from '../installation/connect.ts'
import type { WebhookCommandOptions } from './webhook.ts'

/** Everything that the parts of the webhook share. */
export interface Setting {
  readonly context: Context
  readonly options: WebhookCommandOptions
  readonly namespace: string
  readonly logger: Logger
  readonly metrics: ServerMetrics
  readonly client: KubeClient | undefined
  /** Of this replica. */
  readonly identity: string
}

/** @throws CliError where flags contradict each other */
export function checkFlags(options: WebhookCommandOptions): void {
  const { tlsCertFile, tlsPrivateKeyFile, tlsCaFile } = options
  if ((tlsCertFile === undefined) !== (tlsPrivateKeyFile === undefined)) {
    throw usage('--tls-cert-file and --tls-private-key-file belong together')
  }
  if (tlsCaFile !== undefined && tlsCertFile === undefined) throw usage('--tls-ca-file needs --tls-cert-file')
  const maps = options.injectConfigMap !== undefined || options.meshConfigMap !== undefined
  if (maps && readsFiles(options)) throw usage('the configuration comes from files or from ConfigMaps, not from both')
}

function usage(message: string): CliError {
  return new CliError(message, { exitCode: ExitCode.Usage })
}

function readsFiles({ configDirectory, injectConfigFile, valuesFile, meshConfigFile }: WebhookCommandOptions): boolean {
  return [configDirectory, injectConfigFile, valuesFile, meshConfigFile].some((name) => name !== undefined)
}

/** With files for everything no cluster is asked, unless it runs in one or one is named. */
export async function clientOf(context: Context, options: WebhookCommandOptions): Promise<KubeClient | undefined> {
  const isNeeded = !readsFiles(options) || options.tlsCertFile === undefined || options.caBundlePatching === true
  const isNamed = options.kubeconfig !== undefined || options.context !== undefined
  if (!isNeeded && !isNamed && context.env.KUBERNETES_SERVICE_HOST === undefined) return undefined
  try {
    const { kubeconfig, context: name } = options
    return createClient(await loadKubeConfig({ kubeconfig, context: name, env: context.env }))
  } catch (error) {
    throw asCliError(error)
  }
}

/** From files where one is named, else from the cluster's ConfigMaps. */
export function configurationsOf({ context, options, namespace, logger, client }: Setting): ConfigurationSource {
  const plain = plainOptions(context, options)
  const { configDirectory: directory, injectConfigFile, valuesFile, meshConfigFile } = options
  if (client === undefined || readsFiles(options)) {
    const files = { directory, config: injectConfigFile, values: valuesFile, mesh: meshConfigFile }
    return configurationFromFiles({ files, client, options: plain, log: logger })
  }
  const { injectConfigMap, meshConfigMap } = options
  const names = {
    ...(injectConfigMap === undefined ? {} : { injector: injectConfigMap }),
    ...(meshConfigMap === undefined ? {} : { mesh: meshConfigMap }),
  }
  return configurationFromConfigMaps({ client, namespace, names, options: plain, log: logger })
}

function plainOptions({ env }: Context, options: WebhookCommandOptions): PlainConfigurationOptions {
  const { compat, revision, nativeSidecars } = options
  const known = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return {
    compat,
    revision,
    env: Object.fromEntries(known),
    ...(nativeSidecars === undefined
      ? {}
      : { nativeSidecars: nativeSidecars === 'auto' ? nativeSidecars : nativeSidecars === 'true' }),
  }
}

/** A source of certificates, and the bundle as it is at its source where all replicas have the same. */
export interface Certificates {
  readonly source: CertificateSource
  readonly freshBundle?: () => Promise<string | undefined>
  stop(): Promise<void>
}

/** From files where they are named, else of an authority of our own. */
export function certificatesOf(setting: Setting): Certificates {
  const { options, namespace, logger, metrics, client, identity } = setting
  const { tlsCertFile, tlsPrivateKeyFile, tlsCaFile, revision } = options
  if (tlsCertFile !== undefined && tlsPrivateKeyFile !== undefined) {
    const files = { certFile: tlsCertFile, keyFile: tlsPrivateKeyFile, caFile: tlsCaFile }
    const source = certificatesFromFiles({ ...files, log: logger, metrics })
    return { source, stop: async () => source.stop() }
  }
  if (client === undefined) throw usage('without a cluster a certificate is needed: --tls-cert-file')
  const service = options.service ?? injectorName(revision)
  const source = selfManagedCertificates({
    client,
    namespace,
    revision,
    identity,
    secretName: options.caSecret ?? authoritySecretName(revision),
    leaseName: options.lease ?? leaseName(revision),
    dnsNames: [`${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`],
    log: logger,
    metrics,
  })
  const stop = async (): Promise<void> => {
    source.stop()
    await notForLong(source.ended)
  }
  return { source, freshBundle: source.freshBundle, stop }
}

/** Who Events are from. */
export const COMPONENT = 'proa-injector'
/** Milliseconds: an API server that does not answer must not hold up the end of the process. */
const LONGEST_END = 2000

async function notForLong(ending: Promise<unknown>): Promise<void> {
  const late = new AbortController()
  await Promise.race([ending, realTiming.sleep(LONGEST_END, late.signal)])
  late.abort()
}

/** What keeps the caBundle of webhook configurations right. */
export interface CaBundleKeeping {
  /** Undefined: it is not kept here. */
  readonly state: Pick<CaBundleReporter, 'problem'> | undefined
  end(): Promise<void>
}

/** Keeps the caBundle of the webhook configurations right: unless told otherwise, where the roots are our own. */
export function keepCaBundle(
  { options, namespace, client, logger, metrics, identity }: Setting,
  { source: bundle, freshBundle }: Certificates,
): CaBundleKeeping {
  const { caBundlePatching = options.tlsCertFile === undefined, revision } = options
  if (!caBundlePatching || client === undefined) return { state: undefined, end: async () => {} }
  const ended = new AbortController()
  const lease = { namespace, name: options.lease ?? leaseName(revision), identity }
  const writers = freshBundle === undefined ? { lease } : { freshBundle }
  const reporter = caBundleReporter({ client, component: COMPONENT, instance: identity })
  const { report } = reporter
  const patcher = runCaBundlePatcher(
    { client, revision, bundle, ...writers, report, log: logger, metrics },
    ended.signal,
  )
  const running = patcher.catch((error: unknown) => {
    logger.error({ problem: error instanceof Error ? error.message : String(error) }, 'the caBundle is no longer kept')
  })
  return {
    state: reporter,
    async end() {
      ended.abort()
      await notForLong(running)
    },
  }
}

/** The webhook looks at itself as far as its permissions go. Without a cluster there is nothing to look at. */
export function selfDiagnosisOf(
  { client, namespace, options, metrics, logger }: Setting,
  configurations: ConfigurationSource,
  certificates: CertificateSource,
): SelfDiagnosis | undefined {
  if (client === undefined) return undefined
  const { revision, injectConfigMap, meshConfigMap } = options
  const names = configMapNames(namespace, revision)
  const configMaps = { injector: injectConfigMap ?? names.injector, mesh: meshConfigMap ?? names.mesh }
  return startSelfDiagnosis({
    revision,
    metrics,
    logger,
    snapshot: (signal) => {
      const facts = {
        namespace,
        revision,
        configuration: configurations.current,
        certificate: certificates.current,
        ...(readsFiles(options) ? {} : { configMaps }),
      }
      return takeOwnSnapshot(client, facts, { now: () => new Date(), signal })
    },
  })
}
