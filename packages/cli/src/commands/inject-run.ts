import { type Configuration, describeOrigins, type FieldOrigin, injectWorkload, summarizeOrigins } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { type InputObject, objectMetadata } from '../inputs/objects.ts'
import { reportError, warn } from '../output/report.ts'
import { visible } from '../output/visible.ts'
import { applyChanges, type ObjectChange } from '../results/changes.ts'
import { checkResultOptions, deliver } from '../results/deliver.ts'
import { hiddenTemplate, unknownWorkload } from '../workloads/hidden-template.ts'
import { loadInputs } from '../workloads/load-inputs.ts'
import { readNamespaces } from '../workloads/namespaces.ts'
import { describeObject, documentCounts, pathInFile, placeOf, workloadError } from '../workloads/place.ts'
import { loadSession } from '../workloads/session.ts'
import type { InjectOptions } from './inject.ts'

/** What the injection of all objects came to. */
interface Tally {
  readonly changes: ObjectChange[]
  /** Skipped or unknown workloads: what `--strict` does not allow. */
  unmet: number
  failed: number
  /** Warnings that would be the same for every workload, and were given. */
  readonly said: Set<string>
}

export async function runInject(context: Context, options: InjectOptions): Promise<ExitCode> {
  checkResultOptions(options, options.filename ?? [])
  const inputs = await loadInputs(context, options)
  const configuration = await loadSession(context, options)
  const namespaces = await readNamespaces(context, options.namespaces, inputs.objects)
  const countOf = documentCounts(inputs.objects)
  const tally: Tally = { changes: [], unmet: 0, failed: 0, said: new Set() }
  for (const object of inputs.objects) {
    injectOne({ context, options, configuration, namespaces, tally, documents: countOf(object) }, object)
  }
  if (tally.failed > 0) return ExitCode.Failed
  if (options.strict === true && tally.unmet > 0) {
    const workloads = tally.unmet === 1 ? 'the workload named above' : `the ${tally.unmet} workloads named above`
    throw new CliError(`--strict: ${workloads} would stay without a sidecar; nothing was written`, {
      exitCode: ExitCode.Unmet,
    })
  }
  const results = applyChanges(inputs.files, tally.changes)
  const changed = tally.changes.map(({ object }) => `${describeObject(object, countOf(object))} would be injected`)
  return deliver(context, options, results, changed)
}

interface Injecting {
  readonly context: Context
  readonly options: InjectOptions
  readonly configuration: Configuration
  readonly namespaces: ReadonlyMap<string, JsonObject>
  readonly tally: Tally
  readonly documents: number
}

function injectOne(injecting: Injecting, object: InputObject): void {
  const { context, options, configuration, namespaces, tally, documents } = injecting
  const namespace = objectMetadata(object.value).namespace ?? options.namespace
  const namespaceObject = namespace === undefined ? undefined : namespaces.get(namespace)
  const result = injectWorkload(object.value, configuration, {
    mode: options.asWebhook === true ? 'webhook' : 'manual',
    ...(namespace === undefined ? {} : { namespace }),
    ...(namespaceObject === undefined ? {} : { namespaceObject }),
    ...(options.webhookPath === undefined ? {} : { path: options.webhookPath }),
    ...(options.workload === undefined ? {} : { extraWorkloads: options.workload }),
  })
  if (result.kind === 'not-a-workload') {
    noteUnknown(injecting, object)
    return
  }
  for (const { message, path } of result.warnings) {
    if (aboutConfiguration(injecting, message, path)) continue
    warn(context, { ...placeOf(object, documents), ...pathInFile(object, path, options.workload) }, message)
  }
  if (result.kind === 'failed') {
    tally.failed += 1
    reportError(context, workloadError(object, documents, result.error, options.workload))
  } else if (result.kind === 'skipped') {
    tally.unmet += 1
    context.stderr.write(`${visible(result.notice)}\n`)
  } else {
    if (options.origins === true) sayOrigins(injecting, object, result.origins)
    if (result.patch.length > 0) tally.changes.push({ object, patch: result.patch })
  }
}

/** On standard error, so that the manifests can still be sent on. */
function sayOrigins({ context, documents }: Injecting, object: InputObject, origins: readonly FieldOrigin[]): void {
  const lines = summarizeOrigins(origins).map((summary) => `  ${visible(describeOrigins(summary))}\n`)
  context.stderr.write(`${describeObject(object, documents)}\n${lines.join('')}`)
}

/** What is odd in a template is said once, not for every workload. */
function aboutConfiguration({ context, tally }: Injecting, message: string, path: string | undefined): boolean {
  if (path?.startsWith('config.') !== true) return false
  const key = `${path}: ${message}`
  if (!tally.said.has(key)) warn(context, { path }, message)
  tally.said.add(key)
  return true
}

/** Kinds that nobody knows pass through; one that holds a Pod would stay naked in silence (as with kube-inject). */
function noteUnknown({ context, tally, documents }: Injecting, object: InputObject): void {
  const path = hiddenTemplate(object.value)
  if (path === undefined) return
  tally.unmet += 1
  warn(context, placeOf(object, documents), unknownWorkload(object.value, path, 'inject'))
}
