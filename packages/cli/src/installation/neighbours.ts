import { loadConfiguration, type SourceText } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import {
  DEFAULT_REVISION,
  DEFAULT_TAG,
  guardObstacle,
  type InstallationOptions,
  injectorConfigMapName,
  meshConfigMapName,
  resolveOptions,
  webhookConfigurationName,
} from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import { loadable } from '../workloads/loadable.ts'
import { textAt } from './objects.ts'
import type { InjectorConfiguration } from './webhooks.ts'

/**
 * Fits an installation to the injectors that are there.
 * @throws CliError when one of them has the revision or a tag
 */
export function fitToNeighbours(
  options: InstallationOptions,
  all: readonly InjectorConfiguration[],
  settings: { readonly becomesDefault: boolean },
): InstallationOptions {
  const installation = resolveOptions(options)
  const { revision } = installation
  const istio = all.find((one) => one.revision === revision && one.tag === undefined && !one.ours)
  if (istio !== undefined) throw revisionIsTaken(istio, revision)
  checkNameIsFree(webhookConfigurationName(installation), revision, all)
  if (settings.becomesDefault && revision === DEFAULT_REVISION) {
    throw new CliError('--default is for a revision of another name: the revision "default" is the default already', {
      hint: 'Name one: proa install --revision proa --default',
    })
  }
  const tags = options.tags ?? []
  for (const tag of tags) checkTagIsFree(tag, revision, all)
  const heldByOther = all.some(({ tag, revision: holder }) => tag === DEFAULT_TAG && holder !== DEFAULT_REVISION)
  return {
    ...options,
    tags: settings.becomesDefault && !tags.includes(DEFAULT_TAG) ? [...tags, DEFAULT_TAG] : tags,
    ...(revision === DEFAULT_REVISION && heldByOther ? { deactivated: true } : {}),
  }
}

function revisionIsTaken({ name, revision }: InjectorConfiguration, wanted: string): CliError {
  const fresh = wanted === 'proa' ? 'proa-2' : 'proa'
  return new CliError(
    `Istio's injector has the revision "${revision}" already (MutatingWebhookConfiguration ${name})`,
    {
      hint:
        `Beside it:     proa install --revision ${fresh} --config-from ${revision}\n` +
        `  Instead of it: proa install --revision ${fresh} --config-from ${revision} --default\n` +
        '  Both read the ConfigMaps of Istio and leave them as they are. See docs/migration.md.',
    },
  )
}

/** Istio's rule for names makes one name of revision "a" in the usual namespace and of the default one in namespace "a". */
function checkNameIsFree(name: string, revision: string, all: readonly InjectorConfiguration[]): void {
  const other = all.find((one) => one.name === name && one.revision !== revision)
  if (other === undefined) return
  throw new CliError(`MutatingWebhookConfiguration ${name} is there already, of the revision "${other.revision}"`, {
    hint: 'Choose another --revision.',
  })
}

function checkTagIsFree(tag: string, revision: string, all: readonly InjectorConfiguration[]): void {
  const asRevision = all.find((one) => one.revision === tag && one.tag === undefined)
  if (asRevision !== undefined && tag !== DEFAULT_TAG) {
    throw new CliError(`--tag ${tag}: a revision has this name (${asRevision.name}); a tag cannot have it too`)
  }
  const other = all.find((one) => one.tag === tag && one.revision !== revision)
  if (other === undefined) return
  throw new CliError(`--tag ${tag}: the tag belongs to the revision "${other.revision}"`, {
    hint: `Move it when the new revision runs: proa tag set ${tag} --revision ${revision} --overwrite`,
  })
}

/**
 * The ConfigMaps of others have to be there, the injector has to be able to load them, and a guard has to fit to them.
 * @throws CliError
 */
export async function checkConfiguration(client: KubeClient, options: InstallationOptions): Promise<void> {
  const { configuration, namespace, guard, compat } = resolveOptions(options)
  if (configuration.from === 'own') return
  const { revision } = configuration
  const find = async (name: string): Promise<JsonObject> => {
    const map = await client.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name })
    if (map !== undefined) return map
    throw new CliError(`--config-from ${revision}: there is no ConfigMap ${namespace}/${name}`, {
      hint: `kubectl -n ${namespace} get configmaps shows which there are; without --config-from own ones are made.`,
    })
  }
  const injector = await find(injectorConfigMapName(revision))
  const mesh = await find(meshConfigMapName(revision))
  const source = (map: JsonObject, key: string): SourceText => ({
    source: `ConfigMap ${namespace}/${textAt(map, 'metadata', 'name')}, ${key}`,
    text: textAt(map, 'data', key),
  })
  loadable(() =>
    loadConfiguration(
      { config: source(injector, 'config'), values: source(injector, 'values'), mesh: source(mesh, 'mesh') },
      { compat },
    ),
  )
  const obstacle = guard === undefined ? undefined : guardObstacle(textAt(injector, 'data', 'config'))
  if (obstacle !== undefined) throw new CliError(`--guard: ${obstacle}`)
}
