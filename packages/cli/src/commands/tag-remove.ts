import { DEFAULT_TAG } from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { withCluster } from '../installation/connect.ts'
import { progressOn } from '../installation/progress.ts'
import { removeCompanions } from '../installation/tag-companions.ts'
import {
  type InjectorConfiguration,
  injectorConfigurations,
  listNames,
  namespacesOf,
  originalDefault,
  switchDefault,
} from '../installation/webhooks.ts'
import type { TagRemoveOptions } from './tag.ts'

export async function runTagRemove(context: Context, tag: string, options: TagRemoveOptions): Promise<ExitCode> {
  const dryRun = options.dryRun === true
  const progress = progressOn(context)
  return withCluster(context, options, async (client) => {
    const all = await injectorConfigurations(client)
    const tagged = all.filter((one) => one.tag === tag)
    if (tagged.length === 0) throw noSuchTag(all, tag)
    const old = tag === DEFAULT_TAG ? originalDefault(all) : undefined
    const namespaces = await namespacesOf(client, tag)
    if (namespaces.length > 0 && old === undefined) {
      if (options.yes !== true) throw inUse(tag, namespaces)
      progress.notice(`new Pods get no sidecar any more in ${listNames(namespaces)}`)
    }
    // Before the tag goes, so that at no moment nobody injects.
    if (old !== undefined && (await switchDefault(client, old, true, dryRun))) {
      progress.done(`MutatingWebhookConfiguration ${old.name} ${dryRun ? 'would inject' : 'injects'} by default again`)
    }
    for (const one of tagged) {
      await client.delete(
        { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', name: one.name },
        { dryRun },
      )
      progress.done(`MutatingWebhookConfiguration ${one.name} ${dryRun ? 'would be deleted' : 'deleted'}`)
      await removeCompanions(client, one, tag, dryRun, progress)
    }
    return ExitCode.Success
  })
}

function noSuchTag(all: readonly InjectorConfiguration[], tag: string): CliError {
  const known = [...new Set(all.map((one) => one.tag).filter((name) => name !== undefined))].sort()
  const hint = known.length === 0 ? 'There is no tag at all.' : `There are: ${known.join(', ')}.`
  return new CliError(`there is no tag "${tag}"`, { hint })
}

function inUse(tag: string, namespaces: readonly string[]): CliError {
  const ask = namespaces.length === 1 ? 'asks' : 'ask'
  return new CliError(`${listNames(namespaces)} ${ask} for the tag "${tag}" and would get no sidecars any more`, {
    exitCode: ExitCode.Unmet,
    hint: 'Label the namespaces for another revision first, or take the tag away all the same with --yes.',
  })
}
