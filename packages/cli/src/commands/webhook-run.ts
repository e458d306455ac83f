import { hostname } from 'node:os'
import { createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { authoritySecretName, injectorName, leaseName } from '@proa/manifests'
import {
  type CertificateSource,
  type ConfigurationSource,
  configurationFromConfigMaps,
  configurationFromFiles,
  createLogger,
  createMetrics,
  type Logger,
  type PlainConfigurationOptions,
  type RefusalRecorder,
  type RunningWebhook,
  refusalRecorder,
  type ServerMetrics,
  startWebhook,
} from '@proa/webhook'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { asCliError } from '../installation/connect.ts'
import type { WebhookCommandOptions } from './webhook.ts'

const DEFAULT_NAMESPACE = 'istio-system'

/** Everything that the parts of the webhook share. */
interface Setting {
  readonly context: Context
  readonly options: WebhookCommandOptions
  readonly namespace: string
  readonly logger: Logger
  readonly metrics: ServerMetrics
  readonly client: KubeClient | undefined
  /** Of this replica. */
  readonly identity: string
}

/**
 * Serves until SIGTERM or SIGINT; then drains. A second signal ends it at once.
 * @throws CliError when it cannot start
 */
export async function runWebhook(context: Context, options: WebhookCommandOptions): Promise<ExitCode> {
  checkFlags(options)
  const isTerminal = context.stdout.isTTY === true
  const format = options.logFormat === 'auto' ? (isTerminal ? 'pretty' : 'json') : options.logFormat
  const logger = await createLogger({ level: options.logLevel, format })
  const client = await clientOf(context, options)
  const setting: Setting = {
    context,
    options,
    logger,
    client,
    metrics: createMetrics(),
    namespace: options.namespace ?? context.env.POD_NAMESPACE ?? DEFAULT_NAMESPACE,
    identity: context.env.POD_NAME ?? hostname(),
  }
  const configurations = configurationsOf(setting)
  const certificates = await certificatesOf(setting)
  const refusals = refusalRecorder({ client, component: 'proa-injector', instance: setting.identity, log: logger })
  const stopParts = (): void => {
    configurations.stop()
    certificates.stop()
    client?.close()
  }
  try {
    await serve(setting, configurations, certificates, refusals)
    await refusals.settled()
  } finally {
    stopParts()
    await flushed(logger)
  }
  return ExitCode.Success
}

async function serve(
  { options, logger, metrics }: Setting,
  configurations: ConfigurationSource,
  certificates: CertificateSource,
  refusals: RefusalRecorder,
): Promise<void> {
  const webhook = await startWebhook({
    configurations,
    certificates,
    logger,
    metrics,
    httpsAddress: options.httpsAddress,
    ...(options.metricsAddress === undefined ? {} : { statusAddress: options.metricsAddress }),
    workers: options.workers,
    drainDelay: options.drainSeconds * 1000,
    onRefusal: refusals.record,
  }).catch((error: unknown) => {
    throw cannotListen(error)
  })
  const { url, statusUrl, address } = webhook
  // Whoever starts this as a process of its own waits for this line.
  logger.info({ https: url, status: statusUrl, host: address.address, port: address.port }, 'listening')
  await flushed(logger)
  await untilStopped(webhook, logger)
}

async function untilStopped(webhook: RunningWebhook, logger: Logger): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let signals = 0
  const onSignal = (signal: NodeJS.Signals): void => {
    signals++
    logger.info({ signal }, signals === 1 ? 'draining; a second signal ends at once' : 'ending at once')
    const ended = signals === 1 ? webhook.stop() : webhook.kill()
    ended.then(resolve, reject)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  try {
    await promise
    logger.info('stopped')
  } finally {
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
  }
}

function checkFlags(options: WebhookCommandOptions): void {
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
async function clientOf(context: Context, options: WebhookCommandOptions): Promise<KubeClient | undefined> {
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

function configurationsOf({ context, options, namespace, logger, client }: Setting): ConfigurationSource {
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

async function certificatesOf(setting: Setting): Promise<CertificateSource> {
  const { options, namespace, logger, metrics, client, identity } = setting
  const { tlsCertFile, tlsPrivateKeyFile, tlsCaFile, revision } = options
  if (tlsCertFile !== undefined && tlsPrivateKeyFile !== undefined) {
    const { certificatesFromFiles } = await import('@proa/webhook')
    const files = { certFile: tlsCertFile, keyFile: tlsPrivateKeyFile, caFile: tlsCaFile }
    return certificatesFromFiles({ ...files, log: logger, metrics })
  }
  if (client === undefined) throw usage('without a cluster a certificate is needed: --tls-cert-file')
  const { selfManagedCertificates } = await import('@proa/webhook')
  const service = options.service ?? injectorName(revision)
  return selfManagedCertificates({
    client,
    namespace,
    revision,
    identity,
    secretName: options.caSecret ?? authoritySecretName(revision),
    leaseName: options.lease ?? leaseName(revision),
    dnsNames: [`${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`, `${service}.${namespace}`],
    log: logger,
    metrics,
  })
}

function cannotListen(error: unknown): unknown {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === undefined) return error
  return new CliError(`cannot listen on ${address ?? ''}:${port ?? ''}: ${code}`, {
    hint: 'Choose other addresses with --https-address and --metrics-address.',
    cause: error,
  })
}

function flushed(logger: Logger): Promise<void> {
  return new Promise((resolve) => logger.flush(() => resolve()))
}
