import {
  isObject,
  type Json,
  parseLabelSelector,
  parseYaml,
  SelectorError,
  selectorMatches,
  YamlError,
} from '@proa/kube'
import { makerOf } from '../../certificates/control-plane.ts'
import { rootConfigMaps } from '../../certificates/places.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { Evidence } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { injectorState } from '../../mesh/readiness.ts'
import type { Revision } from '../../mesh/revisions.ts'
import { listAt, textAt } from '../../reading.ts'

/** Why istiod has not written its root into a namespace. */
export interface MissingRootCause {
  readonly text: Text
  readonly remedy: Text
  readonly evidence: readonly Evidence[]
}

export function missingRootCause(
  cluster: Cluster,
  namespace: string,
  revision: Revision | undefined,
): MissingRootCause | undefined {
  if (revision === undefined) return undefined
  return (
    notSelected(cluster, namespace, revision) ?? nobodyWrites(cluster, revision) ?? stateOfIstiod(cluster, revision)
  )
}

/** istiod also deletes the ConfigMap where its selectors do not select the namespace any more. */
function notSelected(cluster: Cluster, namespace: string, { meshConfigMap }: Revision): MissingRootCause | undefined {
  const labels = namespaceLabels(cluster).get(namespace)
  if (meshConfigMap === undefined || labels === undefined) return undefined
  const selectors = discoverySelectors(textAt(meshConfigMap, 'data', 'mesh'))
  if (selectors.length === 0 || selectors.some((selector) => selects(selector, labels))) return undefined
  return {
    text: {
      en: `The discoverySelectors of the mesh do not select namespace ${namespace}, so istiod does not write there.`,
      zh: `网格的 discoverySelectors 没有选中命名空间 ${namespace}，因此 istiod 不会写入。`,
    },
    remedy: {
      en: 'label the namespace so that the discoverySelectors select it',
      zh: '为命名空间添加标签，使 discoverySelectors 选中它',
    },
    evidence: [
      { object: objectName(meshConfigMap), path: 'data.mesh: discoverySelectors', value: selectors },
      {
        object: { apiVersion: 'v1', kind: 'Namespace', name: namespace },
        path: 'metadata.labels',
        value: { ...labels },
      },
    ],
  }
}

function discoverySelectors(mesh: string): readonly Json[] {
  try {
    const value = parseYaml(mesh)
    return isObject(value) ? listAt(value, 'discoverySelectors') : []
  } catch (error) {
    if (error instanceof YamlError) return []
    throw error
  }
}

/** A selector that cannot be read is none of this check's business. */
function selects(selector: Json, labels: Readonly<Record<string, string>>): boolean {
  try {
    return selectorMatches(parseLabelSelector(selector), labels)
  } catch (error) {
    if (error instanceof SelectorError) return true
    throw error
  }
}

function nobodyWrites(cluster: Cluster, { injectors }: Revision): MissingRootCause | undefined {
  if (rootConfigMaps(cluster).size > 0 || !injectors.every((one) => makerOf(one) === 'proa')) return undefined
  return {
    text: {
      en: "No namespace has it: it is istiod that writes it, not proa's injector.",
      zh: '所有命名空间都没有：写入它的是 istiod，而不是 proa 的注入器。',
    },
    remedy: {
      en: 'install istiod, which the sidecars need anyway',
      zh: '安装 istiod，sidecar 本来就需要它',
    },
    evidence: [],
  }
}

const NOT_WRITTEN: MissingRootCause = {
  text: {
    en: 'istiod writes it when it starts, and whenever it is deleted: it does not run, may not write ConfigMaps in this namespace, or a tool deletes them.',
    zh: 'istiod 在启动时以及它被删除时会写入：可能 istiod 没有运行、无权在该命名空间写入 ConfigMap，或它被某个工具删除。',
  },
  remedy: {
    en: 'see whether istiod runs, and look into its log for "namespace controller"',
    zh: '确认 istiod 是否运行，并在其日志中查找 "namespace controller"',
  },
  evidence: [],
}

function stateOfIstiod(cluster: Cluster, revision: Revision): MissingRootCause | undefined {
  // Beside another injector istiod may run or not: that is not what was looked at.
  const isIstio = revision.injectors.some((one) => makerOf(one) === 'istio')
  if (!isIstio) return NOT_WRITTEN
  if (injectorState(cluster, revision) !== 'none-ready') {
    return {
      text: {
        en: 'istiod writes it when it starts, and whenever it is deleted. It runs; perhaps it may not write ConfigMaps in this namespace, or a tool deletes them.',
        zh: 'istiod 在启动时以及它被删除时会写入。istiod 正在运行；可能它无权在该命名空间写入 ConfigMap，或被某个工具删除。',
      },
      remedy: {
        en: 'look into the log of istiod for "namespace controller"',
        zh: '在 istiod 的日志中查找 "namespace controller"',
      },
      evidence: [],
    }
  }
  return {
    text: {
      en: 'No Pod of istiod is ready, and it is istiod that writes it.',
      zh: '写入它的是 istiod，而 istiod 没有就绪的 Pod。',
    },
    remedy: { en: 'get istiod running (INJ155)', zh: '让 istiod 恢复运行（INJ155）' },
    evidence: [],
  }
}
