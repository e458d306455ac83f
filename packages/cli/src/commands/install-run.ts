import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { APP_NAME, type InstallationOptions, injectorName, LABEL, resolveOptions } from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { type Applier, applier, applyAll } from '../installation/apply.ts'
import { checkInjection } from '../installation/check-injection.ts'
import { applyConfigMaps } from '../installation/config-maps.ts'
import { withCluster } from '../installation/connect.ts'
import { checkConfiguration, fitToNeighbours } from '../installation/neighbours.ts'
import { labelOf, refOf, textAt } from '../installation/objects.ts'
import { plan, readInstallation } from '../installation/plan.ts'
import { type Progress, progressOn } from '../installation/progress.ts'
import { rolloutProblems, waitForRollout } from '../installation/rollout.ts'
import { waitFor } from '../installation/wait.ts'
import { injectionEntries, injectorConfigurations, originalDefault, switchDefault } from '../installation/webhooks.ts'
import type { InstallOptions } from './install.ts'

/** How an installation goes, besides what it consists of. */
export type InstallSettings = Pick<InstallOptions, 'wait' | 'check' | 'waitTimeout' | 'namespace'>

/** What the steps of one installation share. */
export interface Installing {
  readonly client: KubeClient
  readonly flags: InstallSettings
  readonly options: InstallationOptions
  readonly applying: Applier
  readonly progress: Progress
  readonly signal: AbortSignal
}

export async function runInstall(context: Context, flags: InstallOptions): Promise<ExitCode> {
  const asked = await readInstallation(context, flags)
  // Wrong flags are told before the cluster is asked.
  plan(asked)
  return withCluster(context, flags, async (client) => {
    const all = await injectorConfigurations(client)
    const options = fitToNeighbours(asked, all, { becomesDefault: flags.default === true })
    await checkConfiguration(client, options)
    const progress = progressOn(context)
    const settings = { dryRun: flags.dryRun === true, force: flags.forceConflicts === true }
    return install({
      client,
      flags,
      options,
      applying: applier(client, settings, progress),
      progress,
      signal: AbortSignal.timeout(flags.waitTimeout * 1000),
    })
  })
}

/** Applies everything in the order in which nothing is held up, and waits for it. */
export async function install(installing: Installing): Promise<ExitCode> {
  const { client, flags, options, applying, progress } = installing
  const steps = inSteps(plan(options))
  const waits = flags.wait && !applying.settings.dryRun
  await applyAll(applying, steps.foundation)
  const given = options.configuration?.from === 'own' && options.configuration.texts !== undefined
  await applyConfigMaps(applying, steps.configuration, given)
  await applyAll(applying, steps.workload)
  if (waits) await waitUntilReady(installing, steps.workload)
  await applyAll(applying, steps.webhooks)
  if (waits) await waitUntilTrusted(installing, steps.webhooks)
  await applyAll(applying, steps.tags)
  if (waits) await waitUntilTrusted(installing, steps.tags)
  // After the tag is there, so that at no moment nobody injects.
  if (options.tags?.includes('default') === true) await retireDefault(installing)
  await applyAll(applying, steps.guard)
  if (!waits || !flags.check) return ExitCode.Success
  const { revision } = resolveOptions(options)
  const works = await checkInjection(client, revision, progress, flags.waitTimeout * 1000)
  return works ? ExitCode.Success : ExitCode.Unmet
}

interface Steps {
  readonly foundation: readonly JsonObject[]
  readonly configuration: readonly JsonObject[]
  readonly workload: readonly JsonObject[]
  readonly webhooks: readonly JsonObject[]
  readonly tags: readonly JsonObject[]
  readonly guard: readonly JsonObject[]
}

/** Webhooks come when the injector runs: then a failed installation holds up no Pod. */
function inSteps(objects: readonly JsonObject[]): Steps {
  const stepOf = (object: JsonObject): keyof Steps => {
    const kind = textAt(object, 'kind')
    if (kind === 'ConfigMap') return 'configuration'
    if (kind === 'MutatingWebhookConfiguration') return labelOf(object, LABEL.tag) === undefined ? 'webhooks' : 'tags'
    if (kind.startsWith('ValidatingAdmissionPolicy')) return 'guard'
    return ['Deployment', 'ServiceMonitor'].includes(kind) ? 'workload' : 'foundation'
  }
  const steps = Map.groupBy(objects, stepOf)
  const of = (step: keyof Steps): readonly JsonObject[] => steps.get(step) ?? []
  return {
    foundation: of('foundation'),
    configuration: of('configuration'),
    workload: of('workload'),
    webhooks: of('webhooks'),
    tags: of('tags'),
    guard: of('guard'),
  }
}

async function waitUntilReady(
  { client, flags, options, progress, signal }: Installing,
  workload: readonly JsonObject[],
): Promise<void> {
  const deployment = workload.find(({ kind }) => kind === 'Deployment')
  if (deployment === undefined) return
  const ref = refOf(deployment)
  const { replicas, revision } = resolveOptions(options)
  progress.waiting(`waiting for ${replicas === 1 ? 'the injector' : `${replicas} injectors`} to be ready`)
  if (await waitForRollout(client, ref, signal)) {
    progress.done('the injector is ready')
    return
  }
  const selector = `${LABEL.name}=${APP_NAME},${LABEL.instance}=${injectorName(revision)}`
  const problems = await rolloutProblems(client, ref, selector)
  throw new CliError(`the injector is not ready after ${flags.waitTimeout} seconds`, {
    hint:
      problems.map((line) => `${line}\n  `).join('') +
      'This run has not touched the webhooks, so it holds up no Pod. Run the same command again when this is settled,\n' +
      `  or look closer: kubectl -n ${ref.namespace} describe pods -l ${selector}` +
      `\n  and, when they run: kubectl -n ${ref.namespace} logs -l ${selector}`,
  })
}

/** Until the injector has written its root into the webhooks, the API server cannot trust it. */
async function waitUntilTrusted(
  { client, flags, progress, signal }: Installing,
  webhooks: readonly JsonObject[],
): Promise<void> {
  for (const object of webhooks) {
    const ref = refOf(object)
    const trusted = await waitFor(
      client,
      ref,
      (now) => (now !== undefined && hasBundles(now) ? true : undefined),
      signal,
    )
    if (trusted === true) {
      progress.done(`${ref.kind} ${ref.name} has the injector's root (caBundle)`)
      continue
    }
    throw new CliError(`${ref.kind} ${ref.name} has no caBundle after ${flags.waitTimeout} seconds`, {
      hint: `The injector writes it; its log says what is in the way: kubectl -n ${flags.namespace} logs -l ${LABEL.name}=${APP_NAME}`,
    })
  }
}

function hasBundles(configuration: JsonObject): boolean {
  return injectionEntries(configuration).every((entry) => textAt(entry, 'clientConfig', 'caBundle') !== '')
}

async function retireDefault({ client, applying: { settings }, progress }: Installing): Promise<void> {
  const old = originalDefault(await injectorConfigurations(client))
  if (old === undefined) return
  const changed = await switchDefault(client, old, false, settings.dryRun)
  const what = `MutatingWebhookConfiguration ${old.name}`
  if (changed)
    progress.done(
      `${what} ${settings.dryRun ? 'would match' : 'matches'} nothing any more; "proa tag remove default" takes that back`,
    )
  else progress.kept(`${what} matches nothing already`)
}
