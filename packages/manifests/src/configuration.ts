import { builtinSources } from '@proa/injector'
import { dumpYaml, type JsonObject, parseYaml } from '@proa/kube'
import { namespaced } from './metadata.ts'
import { DEFAULT_NAMESPACE, injectorConfigMapName, meshConfigMapName } from './names.ts'
import type { ConfigurationTexts, Installation, InstallationOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'

/** The ConfigMaps with what is injected. None when they belong to somebody else. */
export function configMaps(installation: Installation): readonly JsonObject[] {
  const { configuration, revision } = installation
  if (configuration.from === 'existing') return []
  const texts = { ...builtinTexts(installation), ...configuration.texts }
  return [
    configMap(installation, injectorConfigMapName(revision), { config: texts.config, values: texts.values }),
    configMap(installation, meshConfigMapName(revision), { mesh: texts.mesh }),
  ]
}

function configMap(installation: Installation, name: string, data: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: namespaced(installation, name), data }
}

/** The built-in configuration in a form that people can edit, as an installation with these options gets it. */
export function builtinConfiguration(options: InstallationOptions = {}): Required<ConfigurationTexts> {
  return builtinTexts(resolveOptions(options))
}

function builtinTexts({ namespace, revision }: Installation): Required<ConfigurationTexts> {
  const { config, values } = builtinSources()
  const parsed = parseYaml(values.text) as JsonObject
  const global = { ...(parsed.global as JsonObject), istioNamespace: namespace }
  const own = { ...parsed, global, revision: revision === 'default' ? '' : revision }
  return {
    config: dumpYaml(parseYaml(config.text)),
    // Istio's own tools read the values as JSON.
    values: `${JSON.stringify(own, null, 2)}\n`,
    mesh: dumpYaml(meshOf(namespace)),
  }
}

function meshOf(namespace: string): JsonObject {
  const usual = { rootNamespace: namespace, trustDomain: 'cluster.local' }
  if (namespace === DEFAULT_NAMESPACE) return usual
  return { ...usual, defaultConfig: { discoveryAddress: `istiod.${namespace}.svc:15012` } }
}
