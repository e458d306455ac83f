import { restartInjector, serverTitle } from '../../certificates/control-plane.ts'
import { type InjectorBundle, injectorBundles, servedChains } from '../../certificates/places.ts'
import { printsOf, type RightRoot, rightRoot } from '../../certificates/right-root.ts'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import type { Text } from '../../language.ts'
import type { Injector } from '../../mesh/injectors.ts'
import { objectTitle } from '../../naming.ts'
import { type Cause, emptyBundleCauses } from './empty-bundle-causes.ts'
import { entryNames } from './entry-names.ts'
import { writeBundle } from './write-bundle.ts'

export const INJ201: Check = {
  id: 'INJ201',
  severity: 'error',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['ConfigMap', 'Pod', 'Service', 'Secret', 'Event'],
  title: { en: 'caBundle is empty', zh: 'caBundle 为空' },
  looksAt: {
    en: 'webhooks[].clientConfig.caBundle of every injection webhook that calls a Service. Why it is empty: the Pods of the injector, their logs, Events, and who owns the field.',
    zh: '每个调用 Service 的注入 webhook 的 webhooks[].clientConfig.caBundle；为空的原因则查看注入器的 Pod、日志、Event 以及该字段的所有者。',
  },
  why: {
    en: 'The API server then trusts only the roots of its own machine. The call fails with "x509: certificate signed by unknown authority", and with failurePolicy Fail no Pod can be created.',
    zh: 'API server 此时只信任本机的根证书，调用会因 "x509: certificate signed by unknown authority" 失败；failurePolicy 为 Fail 时无法创建 Pod。',
  },
  remedy: {
    en: 'Write the root certificate of the control plane into caBundle; that helps at once. Then find out why the control plane did not write it itself (not running, no permission to patch, another writer).',
    zh: '把控制平面的根证书写入 caBundle，可立即恢复；然后查明控制平面为何没有自行写入（未运行、没有 patch 权限、被其他写入者覆盖）。',
  },
  references: ['istio/istio#5828', 'istio/istio#6186'],
  run: (cluster) => {
    const empty = injectorBundles(cluster).filter(isEmpty)
    // One configuration is one thing to repair, and its entries call one injector as a rule.
    const groups = Map.groupBy(empty, ({ injector }) => `${injector.configuration} ${serverTitle(injector)}`)
    return [...groups.values()].flatMap((group) => finding(cluster, group))
  },
}

/** For a URL the certificate may come from a public authority. */
function isEmpty({ injector, bundle }: InjectorBundle): boolean {
  return bundle.empty && injector.url === undefined
}

function finding(cluster: Cluster, group: readonly InjectorBundle[]): CheckOutcome[] {
  const [first] = group
  if (first === undefined) return []
  const { injector, object } = first
  const causes = emptyBundleCauses(
    cluster,
    group.map((one) => one.injector),
  )
  const root = rightRoot(cluster, injector)
  const names = entryNames(group)
  const server = serverTitle(injector)
  return [
    {
      outcome: 'found',
      object,
      revision: injector.revision,
      message: {
        en: `${object.name} has no caBundle in ${names.en}, so the API server cannot trust ${server}`,
        zh: `${object.name} 的 ${names.zh} 没有 caBundle，API server 无法信任 ${server}`,
      },
      ...meaning(causes),
      evidence: [
        ...group.map(({ path, field }): Evidence => ({ path, value: field === '' ? null : field })),
        ...causes.flatMap(({ evidence }) => evidence),
        ...(root === undefined ? [] : [rootEvidence(root)]),
        ...servedEvidence(cluster, injector),
      ],
      confidence: 'certain',
      fix: fixOf(cluster, group, root, causes),
    },
  ]
}

function meaning(causes: readonly Cause[]): { readonly meaning?: Text } {
  if (causes.length === 0) return {}
  return {
    meaning: {
      en: `The control plane did not write it: ${causes.map(({ text }) => text.en).join('; ')}.`,
      zh: `控制平面没有写入：${causes.map(({ text }) => text.zh).join('；')}。`,
    },
  }
}

function rootEvidence(root: RightRoot): Evidence {
  return {
    object: root.object,
    path: root.path,
    value: printsOf(root),
    label: { en: 'what belongs there', zh: '应填入的根证书' },
  }
}

function servedEvidence(cluster: Cluster, injector: Injector): readonly Evidence[] {
  return servedChains(cluster, injector)
    .slice(0, 1)
    .map(({ object, chain }) => ({
      object,
      path: 'served certificate chain',
      value: printsOf(chain),
      label: { en: 'really served', zh: '实际提供的证书' },
    }))
}

function fixOf(
  cluster: Cluster,
  group: readonly InjectorBundle[],
  root: RightRoot | undefined,
  causes: readonly Cause[],
): Fix {
  const entries = group.map(({ injector }) => injector)
  const injector = entries[0]
  const after = thenText(causes)
  if (root !== undefined) {
    const place = objectTitle(root.object)
    return {
      text: {
        en: `Write the root certificate from ${place} into caBundle. ${after.en}`,
        zh: `把 ${place} 中的根证书写入 caBundle。${after.zh}`,
      },
      ...writeBundle(entries, root),
    }
  }
  const step = injector === undefined ? { commands: [], changes: [] } : restartInjector(cluster, injector)
  return {
    text: {
      en: `Restart the control plane: it writes the bundle when it starts${causes.length === 0 ? '' : `. ${after.en}`}`,
      zh: `重启控制平面：启动时会写入 caBundle${causes.length === 0 ? '' : `。${after.zh}`}`,
    },
    ...step,
  }
}

function thenText(causes: readonly Cause[]): { readonly en: string; readonly zh: string } {
  switch (causes[0]?.code) {
    case 'not-running':
      return { en: 'Then get the injector running (INJ155)', zh: '然后让注入器恢复运行（INJ155）' }
    case 'not-permitted':
      return {
        en: 'Then give its ServiceAccount the right to patch mutatingwebhookconfigurations',
        zh: '然后授予其 ServiceAccount 对 mutatingwebhookconfigurations 的 patch 权限',
      }
    case 'overwritten':
      return {
        en: 'Then take caBundle out of the manifest, or let the tool ignore that field (INJ207)',
        zh: '然后从清单中删除 caBundle，或让该工具忽略此字段（INJ207）',
      }
    case 'reported':
      return { en: 'Then do what the injector asks for', zh: '然后按注入器的提示处理' }
    default:
      return {
        en: 'The control plane keeps it right from then on; when it does not, restart it',
        zh: '此后由控制平面维护；若没有，请重启控制平面',
      }
  }
}
