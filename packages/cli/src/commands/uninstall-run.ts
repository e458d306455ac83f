import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { checkRevision, DEFAULT_TAG, LABEL, ManifestsError, normalRevision } from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { asCliError, withCluster } from '../installation/connect.ts'
import { inventory, managersOf } from '../installation/inventory.ts'
import { at, describeRef, labelOf, refOf, textAt } from '../installation/objects.ts'
import { type Progress, progressOn } from '../installation/progress.ts'
import { revisionIn } from '../installation/sample-pod.ts'
import {
  injectorConfigurations,
  listNames,
  namespacesOf,
  originalDefault,
  switchDefault,
} from '../installation/webhooks.ts'
import type { UninstallOptions } from './uninstall.ts'

export async function runUninstall(context: Context, options: UninstallOptions): Promise<ExitCode> {
  const revision = normalRevision(options.revision)
  checkFlag(revision)
  const dryRun = options.dryRun === true
  const progress = progressOn(context)
  return withCluster(context, options, async (client) => {
    const objects = await inventory(client, options.namespace, revision)
    if (objects.length === 0) {
      progress.kept(`there is no injector of revision "${revision}" in namespace "${options.namespace}"`)
      await tellWhatRemains(client, revision, progress)
      return ExitCode.Success
    }
    refuseOthers(objects)
    const tags = objects.map((object) => labelOf(object, LABEL.tag)).filter((tag) => tag !== undefined)
    await tellDependents(client, [revision, ...tags], progress)
    if (tags.includes(DEFAULT_TAG)) await giveDefaultBack(client, dryRun, progress)
    await deleteAll(client, objects, dryRun, progress)
    await tellWhatRemains(client, revision, progress)
    return ExitCode.Success
  })
}

function checkFlag(revision: string): void {
  try {
    checkRevision('--revision', revision)
  } catch (error) {
    if (!(error instanceof ManifestsError)) throw error
    throw new CliError(error.message, { exitCode: ExitCode.Usage, cause: error })
  }
}

function refuseOthers(objects: readonly JsonObject[]): void {
  const others = managersOf(objects).filter((manager) => manager !== 'proa')
  if (others.length === 0) return
  const hint = others.includes('Helm')
    ? 'Use "helm uninstall": Helm keeps its own list of what it installed.'
    : undefined
  throw new CliError(`this was not installed by "proa install" but by ${listNames(others)}`, { hint })
}

async function tellDependents(client: KubeClient, values: readonly string[], progress: Progress): Promise<void> {
  for (const value of values) {
    const namespaces = await namespacesOf(client, value)
    if (namespaces.length === 0) continue
    progress.notice(`new Pods get no sidecar any more in ${listNames(namespaces)} (they ask for "${value}")`)
  }
}

/** Before the tag goes, so that at no moment nobody injects. */
async function giveDefaultBack(client: KubeClient, dryRun: boolean, progress: Progress): Promise<void> {
  const old = originalDefault(await injectorConfigurations(client))
  if (old === undefined || !(await switchDefault(client, old, true, dryRun))) return
  progress.done(`MutatingWebhookConfiguration ${old.name} ${dryRun ? 'would inject' : 'injects'} by default again`)
}

async function deleteAll(
  client: KubeClient,
  objects: readonly JsonObject[],
  dryRun: boolean,
  progress: Progress,
): Promise<void> {
  for (const [index, object] of objects.entries()) {
    const ref = refOf(object)
    try {
      const deleted = await client.delete(ref, {
        dryRun,
        propagationPolicy: 'Background',
        preconditions: { uid: textAt(object, 'metadata', 'uid') },
      })
      if (deleted) progress.done(`${describeRef(ref)} ${dryRun ? 'would be deleted' : 'deleted'}`)
      else progress.kept(`${describeRef(ref)} is gone already`)
    } catch (error) {
      const told = asCliError(error)
      if (!(told instanceof CliError)) throw told
      const hint = `${index} of ${objects.length} objects were deleted before it; run the same command again to go on.`
      throw new CliError(`${describeRef(ref)}: ${told.message}`, {
        hint: told.hint === undefined ? hint : `${told.hint}\n  ${hint}`,
        cause: error,
      })
    }
  }
}

const STATUS_ANNOTATION = 'sidecar.istio.io/status'

async function tellWhatRemains(client: KubeClient, revision: string, progress: Progress): Promise<void> {
  const { items } = await client.list({ apiVersion: 'v1', kind: 'Pod' })
  const injected = items.filter((pod) => {
    const status = at(pod, 'metadata', 'annotations', STATUS_ANNOTATION)
    return typeof status === 'string' && normalRevision(revisionIn(status)) === revision
  })
  if (injected.length === 0) return
  const namespaces = [...new Set(injected.map((pod) => textAt(pod, 'metadata', 'namespace')))].sort()
  const one = '1 Pod keeps its sidecar until it is created anew'
  const pods = injected.length === 1 ? one : `${injected.length} Pods keep their sidecars until they are created anew`
  progress.notice(`${pods}, in ${listNames(namespaces)}`)
}
