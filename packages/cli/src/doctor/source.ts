import { resolve } from 'node:path'
import type { Snapshot, Target } from '@proa/doctor'
import type { KubeClient } from '@proa/kube-client'
import { readSnapshot, SnapshotError, takeSnapshot } from '@proa/snapshot'
import { CliError } from '../cli-error.ts'
import type { SnapshotOptions } from '../commands/doctor.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { readStdin } from '../inputs/read-files.ts'
import { withCluster } from '../installation/connect.ts'
import { warn } from '../output/report.ts'
import { interruptible } from './interrupt.ts'
import { progressLine } from './progress-line.ts'
import type { AskedTarget } from './target.ts'

/** Where snapshots come from: files that stay the same, or a cluster that can be asked again, and changed. */
export interface Source {
  /** Undefined for files. */
  readonly client: KubeClient | undefined
  /** The namespace of a name that has none. */
  readonly namespace: string
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal
  /** A target decides what is tried: a Pod of the workload that is asked about. */
  take(target: Target): Promise<Snapshot>
}

const DEFAULT_NAMESPACE = 'default'

/**
 * Runs something with the files or the cluster of the flags.
 * @throws CliError with the exit code 3: what cannot be read cannot be evaluated.
 */
export async function withSource<T>(
  context: Context,
  options: SnapshotOptions,
  run: (source: Source) => Promise<T>,
): Promise<T> {
  try {
    const { filename } = options
    if (filename !== undefined) return await run(fileSource(context, filename, options))
    return await withCluster(context, options, (client, { namespace }) =>
      interruptible((signal) => run(liveSource(context, client, options.namespace ?? namespace, options, signal))),
    )
  } catch (error) {
    throw asNotEvaluated(error)
  }
}

function fileSource(context: Context, names: readonly string[], { namespace }: SnapshotOptions): Source {
  return {
    client: undefined,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    signal: new AbortController().signal,
    take: () => readGiven(context, names),
  }
}

async function readGiven(context: Context, names: readonly string[]): Promise<Snapshot> {
  // Messages call a file as the user did.
  const isHere = context.cwd === process.cwd()
  const paths = names.map((name) => (name === '-' || isHere ? name : resolve(context.cwd, name)))
  return readSnapshot(paths, {
    now: () => new Date(),
    stdin: () => readStdin(context),
    note: (text) => warn(context, {}, text),
  })
}

function liveSource(
  context: Context,
  client: KubeClient,
  namespace: string,
  { probe }: SnapshotOptions,
  signal: AbortSignal,
): Source {
  return {
    client,
    namespace,
    signal,
    async take(target) {
      const progress = progressLine(context)
      try {
        return await takeSnapshot(client, {
          probes: probe,
          likely: [...new Set([...namespacesOf(target), namespace])],
          ...(target.kind === 'workload'
            ? { workload: { kind: target.workload, namespace: target.namespace, name: target.name } }
            : {}),
          now: () => new Date(),
          signal,
          progress: progress.show,
        })
      } finally {
        progress.clear()
      }
    },
  }
}

function namespacesOf(target: Target): readonly string[] {
  if (target.kind === 'workload') return [target.namespace]
  return target.kind === 'namespace' ? [target.name] : []
}

/** The target with the namespace that the source gives to names without one. */
export function targetIn(asked: AskedTarget, { namespace }: Source): Target {
  return asked.kind === 'workload' ? { ...asked, namespace: asked.namespace ?? namespace } : asked
}

/** What kept the doctor from looking is no error that it found. */
function asNotEvaluated(error: unknown): unknown {
  if (error instanceof SnapshotError) {
    return new CliError(error.message, { exitCode: ExitCode.NotEvaluated, cause: error })
  }
  if (!(error instanceof CliError) || error.exitCode !== ExitCode.Failed) return error
  const { message, place, hint } = error
  return new CliError(message, { exitCode: ExitCode.NotEvaluated, place, hint, cause: error })
}
