import type { KubeClient } from '@proa/kube-client'
import { checkRevision, DEFAULT_TAG, LABEL, ManifestsError, normalRevision } from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { applier, applyAll } from '../installation/apply.ts'
import { canonicalConfiguration, checkTag } from '../installation/canonical.ts'
import { withCluster } from '../installation/connect.ts'
import { progressOn } from '../installation/progress.ts'
import { guardActions, removeCompanions } from '../installation/tag-companions.ts'
import { tagObjects } from '../installation/tag-objects.ts'
import { injectorConfigurations, originalDefault, switchDefault } from '../installation/webhooks.ts'
import { yamlStream } from '../output/yaml-stream.ts'
import type { TagSetOptions } from './tag.ts'

export async function runTagSet(context: Context, tag: string, options: TagSetOptions): Promise<ExitCode> {
  const revision = checkedNames(tag, options.revision)
  const dryRun = options.dryRun === true
  const progress = progressOn(context)
  return withCluster(context, options, async (client) => {
    const all = await injectorConfigurations(client)
    checkTag(all, tag, revision, options.overwrite === true)
    const canonical = canonicalConfiguration(all, revision)
    const objects = tagObjects(canonical, { ...request(tag, options), guard: await guardActions(client, canonical) })
    const before = all.find((one) => one.tag === tag)
    // With force: the command is there to say who gets the tag, and the injector owns nothing but caBundle.
    await applyAll(applier(client, { dryRun, force: true }, progress), objects)
    if (before !== undefined && before.revision !== revision)
      await removeCompanions(client, before, tag, dryRun, progress)
    if (tag === DEFAULT_TAG) {
      const old = originalDefault(all)
      if (old !== undefined && (await switchDefault(client, old, false, dryRun))) {
        progress.done(`MutatingWebhookConfiguration ${old.name} ${dryRun ? 'would match' : 'matches'} nothing any more`)
      }
    }
    if (!dryRun) progress.done(hintFor(tag, revision))
    return ExitCode.Success
  })
}

function hintFor(tag: string, revision: string): string {
  const ask = tag === DEFAULT_TAG ? `${LABEL.injection}=enabled` : `${LABEL.revision}=${tag}`
  return `namespaces with ${ask} get the revision "${revision}"; Pods that run keep what they have until they are created anew`
}

export async function runTagGenerate(context: Context, tag: string, options: TagSetOptions): Promise<ExitCode> {
  const revision = checkedNames(tag, options.revision)
  return withCluster(context, options, async (client: KubeClient) => {
    const all = await injectorConfigurations(client)
    const canonical = canonicalConfiguration(all, revision)
    const objects = tagObjects(canonical, { ...request(tag, options), guard: await guardActions(client, canonical) })
    context.stdout.write(yamlStream(objects))
    return ExitCode.Success
  })
}

function request(tag: string, { autoInjectNamespaces }: TagSetOptions) {
  return { tag, injectUnlabelledNamespaces: autoInjectNamespaces === true }
}

/** @returns the revision; "" is the default one */
function checkedNames(tag: string, given: string): string {
  const revision = normalRevision(given)
  try {
    checkRevision('the tag', tag)
    checkRevision('--revision', revision)
  } catch (error) {
    if (!(error instanceof ManifestsError)) throw error
    throw new CliError(error.message, { exitCode: ExitCode.Usage, cause: error })
  }
  return revision
}
