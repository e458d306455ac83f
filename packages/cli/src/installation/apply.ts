import { deepEqual, isObject, type JsonObject } from '@proa/kube'
import { isConflict, isNotFound, type KubeClient, StatusError } from '@proa/kube-client'
import { FIELD_MANAGER } from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import { describeConflicts, fieldConflicts } from './conflicts.ts'
import { asCliError } from './connect.ts'
import { at, describeRef, refOf, textAt } from './objects.ts'
import { withOwnBundles } from './own-bundles.ts'
import type { Progress } from './progress.ts'

export interface ApplySettings {
  readonly dryRun: boolean
  /** Takes fields over from others. */
  readonly force: boolean
}

/** Applies objects in several steps and remembers what it has done. */
export interface Applier {
  readonly client: KubeClient
  readonly settings: ApplySettings
  readonly progress: Progress
  /** Objects that were applied. */
  count: number
  /** Namespaces that a dry run would have created. */
  readonly missing: Set<string>
}

export function applier(client: KubeClient, settings: ApplySettings, progress: Progress): Applier {
  return { client, settings, progress, count: 0, missing: new Set() }
}

/** What happened to one object. */
export type Applied = 'created' | 'configured' | 'unchanged'

/**
 * Applies objects in their order and tells each. Doing it again changes nothing.
 * @throws CliError that says what was applied before, and what to do to go on.
 */
export async function applyAll(
  applying: Applier,
  objects: readonly JsonObject[],
  settings = applying.settings,
): Promise<void> {
  const { client, progress, missing } = applying
  for (const object of objects) {
    const name = describeRef(refOf(object))
    try {
      tell(progress, name, await applyOne(client, object, settings), settings.dryRun)
      applying.count += 1
    } catch (error) {
      if (!settings.dryRun || !isInMissingNamespace(error, object, missing)) {
        throw settings.dryRun ? explainFailure(error, name) : partialFailure(error, name, applying.count)
      }
      progress.done(`${name} would be created`)
    } finally {
      if (settings.dryRun && object.kind === 'Namespace') missing.add(textAt(object, 'metadata', 'name'))
    }
    for (const warning of client.takeWarnings()) progress.notice(`${name}: ${warning}`)
  }
}

/** A dry run creates no namespace, so what should go into it cannot be tried. */
function isInMissingNamespace(error: unknown, object: JsonObject, missing: ReadonlySet<string>): boolean {
  return isNotFound(error) && missing.has(textAt(object, 'metadata', 'namespace'))
}

async function applyOne(client: KubeClient, object: JsonObject, { dryRun, force }: ApplySettings): Promise<Applied> {
  const before = await client.find(refOf(object))
  const after = await client.apply(withOwnBundles(object, before), { fieldManager: FIELD_MANAGER, dryRun, force })
  if (before === undefined) return 'created'
  return deepEqual(withoutBookkeeping(before), withoutBookkeeping(after)) ? 'unchanged' : 'configured'
}

/** What the server counts up by itself. A dry run does not, so versions cannot be compared. */
function withoutBookkeeping(object: JsonObject): JsonObject {
  const metadata = at(object, 'metadata')
  if (!isObject(metadata)) return object
  const { managedFields: _, resourceVersion: __, generation: ___, ...rest } = metadata
  return { ...object, metadata: rest }
}

function tell(progress: Progress, name: string, applied: Applied, dryRun: boolean): void {
  if (applied === 'unchanged') progress.kept(`${name} is unchanged`)
  else progress.done(`${name} ${dryRun ? 'would be ' : ''}${applied}`)
}

function partialFailure(error: unknown, name: string, count: number): unknown {
  const told = explainFailure(error, name)
  if (!(told instanceof CliError)) return told
  const objects = count === 1 ? '1 object was' : `${count} objects were`
  const before = count === 0 ? 'Nothing was applied.' : `${objects} applied before it and stay.`
  const next = 'Run the same command again when this is settled: it goes on where it stopped.'
  const hint = [told.hint, `${before} ${next}`].filter((line) => line !== undefined).join('\n  ')
  return new CliError(told.message, { hint, cause: told })
}

function explainFailure(error: unknown, name: string): unknown {
  const conflicts = isConflict(error) && error instanceof StatusError ? fieldConflicts(error) : []
  if (conflicts.length > 0) {
    return new CliError(`${name}: others have written fields of it: ${describeConflicts(conflicts)}`, {
      hint: 'Let them give the fields up, or take them over with --force-conflicts.',
      cause: error,
    })
  }
  if (isNotFound(error) && error instanceof StatusError && error.message.includes('could not find the requested')) {
    return new CliError(`${name}: the cluster does not know this kind`, { cause: error })
  }
  const told = asCliError(error)
  return told instanceof CliError ? new CliError(`${name}: ${told.message}`, { hint: told.hint, cause: error }) : told
}
