import { hostname } from 'node:os'
import {
  createLogger,
  createMetrics,
  type Logger,
  type RefusalRecorder,
  type RunningWebhook,
  refusalRecorder,
  startWebhook,
  type WebhookOptions,
} from '@proa/webhook'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { type StopSignals, stopSignals } from '../stop-signals.ts'
import type { WebhookCommandOptions } from './webhook.ts'
import {
  COMPONENT,
  certificatesOf,
  checkFlags,
  clientOf,
  configurationsOf,
  keepCaBundle,
  type Setting,
  selfDiagnosisOf,
} from './webhook-parts.ts'

const DEFAULT_NAMESPACE = 'istio-system'

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
  const certificates = certificatesOf(setting)
  const bundles = keepCaBundle(setting, certificates)
  const doctor = selfDiagnosisOf(setting, configurations, certificates.source)
  const refusals = refusalRecorder({ client, component: COMPONENT, instance: setting.identity, log: logger })
  const signals = stopSignals()
  try {
    const sources = { configurations, certificates: certificates.source, caBundle: bundles.state, doctor }
    await serve(setting, sources, refusals, signals)
    await refusals.settled()
  } finally {
    signals.release()
    doctor?.stop()
    await bundles.end()
    configurations.stop()
    await certificates.stop()
    client?.close()
    await flushed(logger)
  }
  return ExitCode.Success
}

async function serve(
  { options, logger, metrics }: Setting,
  sources: Pick<WebhookOptions, 'configurations' | 'certificates' | 'caBundle' | 'doctor'>,
  refusals: RefusalRecorder,
  signals: StopSignals,
): Promise<void> {
  const webhook = await startWebhook({
    ...sources,
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
  const { pid } = process
  logger.info({ https: url, status: statusUrl, host: address.address, port: address.port, pid }, 'listening')
  await flushed(logger)
  await untilStopped(webhook, signals, logger)
}

async function untilStopped(webhook: RunningWebhook, signals: StopSignals, logger: Logger): Promise<void> {
  logger.info({ signal: await signals.next() }, 'draining; a second signal ends at once')
  const stopped = webhook.stop()
  void signals.next().then((signal) => {
    logger.info({ signal }, 'ending at once')
    return webhook.kill()
  })
  await stopped
  logger.info('stopped')
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
