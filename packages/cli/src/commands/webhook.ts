import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addClusterOptions, type ClusterOptions } from '../installation/cluster-options.ts'

export interface WebhookCommandOptions extends ClusterOptions {
  readonly namespace?: string
  readonly revision: string
  readonly compat: string
  readonly nativeSidecars?: 'true' | 'false' | 'auto'
  readonly configDirectory?: string
  readonly injectConfigFile?: string
  readonly valuesFile?: string
  readonly meshConfigFile?: string
  readonly injectConfigMap?: string
  readonly meshConfigMap?: string
  readonly tlsCertFile?: string
  readonly tlsPrivateKeyFile?: string
  readonly tlsCaFile?: string
  readonly service?: string
  readonly caSecret?: string
  readonly lease?: string
  readonly webhookConfiguration?: string
  /** Undefined: where the cluster and the roots are known. */
  readonly caBundlePatching?: boolean
  readonly httpsAddress: Address
  readonly metricsAddress?: Address
  readonly workers: number
  readonly drainSeconds: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly logFormat: 'auto' | 'json' | 'pretty'
}

/** Undefined host: all addresses. */
export interface Address {
  readonly host?: string
  readonly port: number
}

export function addWebhookCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const command = program
    .command('webhook')
    .summary('run the admission webhook')
    .description(
      'Serves admission reviews over HTTPS. Without flags everything comes from the cluster: the configuration from ' +
        'Istio’s ConfigMaps, the certificate from an authority of its own. With files it needs no cluster.',
    )
  addServing(addCertificates(addConfiguration(addClusterOptions(command)))).action(
    async (options: WebhookCommandOptions) => {
      const { runWebhook } = await import('./webhook-run.ts')
      finish(await runWebhook(context, options))
    },
  )
}

function addConfiguration(command: Command): Command {
  command
    .option('--namespace <name>', 'where it runs and its objects are; default: POD_NAMESPACE, or istio-system')
    .option('-r, --revision <name>', 'the revision of the injector', 'default')
    .option('--compat <release>', 'behave as this Istio release: auto, current, or 1.8 and later', 'auto')
    .addOption(
      new Option('--native-sidecars <when>', 'run the proxy as a native sidecar').choices(['true', 'false', 'auto']),
    )
    .option('--config-directory <directory>', 'files config, values and mesh, as a mounted ConfigMap has them')
    .option('--injectConfigFile <file>', 'the injector configuration')
    .option('--valuesFile <file>', 'the values of the injector')
    .option('--meshConfigFile <file>', 'the mesh configuration')
    .option('--inject-config-map <name>', 'ConfigMap of the injector; default: istio-sidecar-injector[-REVISION]')
    .option('--mesh-config-map <name>', 'ConfigMap of the mesh; default: istio[-REVISION]')
  for (const alias of ['inject-config-file', 'values-file', 'mesh-config-file']) {
    command.addOption(new Option(`--${alias} <file>`).hideHelp())
  }
  return command
}

function addCertificates(command: Command): Command {
  return command
    .option('--tls-cert-file <file>', 'the certificate chain, PEM; watched. Default: an authority of its own')
    .option('--tls-private-key-file <file>', 'its private key, PEM')
    .option('--tls-ca-file <file>', 'the roots that the API server is to trust, PEM')
    .option('--service <name>', 'Service that the API server calls; default: proa-injector[-REVISION]')
    .option('--ca-secret <name>', 'Secret of the authority; default: SERVICE-ca')
    .option('--lease <name>', 'Lease by which replicas agree on who renews; default: SERVICE')
    .option('--webhook-configuration <name>', 'the MutatingWebhookConfiguration of this installation')
    .option('--ca-bundle-patching', 'insist on keeping the caBundle of the webhook configurations of this revision')
    .option('--no-ca-bundle-patching', 'leave the caBundle of webhook configurations alone')
}

function addServing(command: Command): Command {
  return command
    .addOption(
      new Option('--https-address <address>', 'where the API server calls')
        .argParser(address)
        .default({ port: 15017 }, ':15017'),
    )
    .option('--metrics-address <address>', 'health and metrics over HTTP: :15014; default: HTTPS only', address)
    .option('--workers <count>', 'threads that inject; 0: the one that serves', count, 0)
    .option('--drain-seconds <count>', 'serve on for so long after SIGTERM', count, 5)
    .addOption(new Option('--log-level <level>').choices(['debug', 'info', 'warn', 'error']).default('info'))
    .addOption(
      new Option('--log-format <format>', 'auto: pretty on a terminal')
        .choices(['auto', 'json', 'pretty'])
        .default('auto'),
    )
}

/** `:15017`, `127.0.0.1:0`, `[::1]:443` */
function address(text: string): Address {
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) throw new InvalidArgumentError('Write it as :15017 or 127.0.0.1:15017.')
  const host = match[1] ?? match[2] ?? ''
  return host === '' ? { port } : { host, port }
}

function count(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}
