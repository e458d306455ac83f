import { encodedBundle, isUsable } from '../../certificates/bundle.ts'
import { restartInjector } from '../../certificates/control-plane.ts'
import { type InjectorBundle, injectorBundles } from '../../certificates/places.ts'
import { rightRoot } from '../../certificates/right-root.ts'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { entryNames } from './entry-names.ts'
import { writeBundle } from './write-bundle.ts'

export const INJ203: Check = {
  id: 'INJ203',
  severity: 'error',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['ConfigMap', 'Secret'],
  title: { en: 'caBundle is not PEM', zh: 'caBundle 不是 PEM' },
  looksAt: {
    en: 'Whether caBundle is the base64 of PEM certificates: not encoded twice, not DER, not cut off, and without a private key.',
    zh: 'caBundle 是否为 PEM 证书的 base64：没有编码两次，不是 DER，没有截断，也不含私钥。',
  },
  why: {
    en: 'Without one certificate that it can read, the API server cannot call the webhook: "unable to load root certificates: unable to parse bytes as PEM block". A private key in a bundle can be read by everybody who may read webhook configurations.',
    zh: '若没有一个可读取的证书，API server 无法调用 webhook："unable to load root certificates: unable to parse bytes as PEM block"。caBundle 中的私钥可被任何有权读取 webhook 配置的人读到。',
  },
  remedy: {
    en: 'Write the bundle again in the right form, and repair what wrote it (a template with a "b64enc" too many, a value of the wrong file).',
    zh: '以正确格式重新写入 caBundle，并修复写入它的来源（模板多了一次 "b64enc"，或取错了文件）。',
  },
  references: [],
  run: (cluster) => {
    const broken = injectorBundles(cluster).filter(({ bundle }) => bundle.problems.length > 0)
    const groups = Map.groupBy(broken, ({ injector, field }) => `${injector.configuration} ${field}`)
    return [...groups.values()].flatMap((group) => finding(cluster, group))
  },
}

function finding(cluster: Cluster, group: readonly InjectorBundle[]): CheckOutcome[] {
  const [first] = group
  if (first === undefined) return []
  const { bundle, injector, object } = first
  const names = entryNames(group)
  const usable = isUsable(bundle)
  return [
    {
      outcome: 'found',
      object,
      revision: injector.revision,
      ...(usable ? { severity: 'warn' as const } : {}),
      message: {
        en: `The caBundle of ${object.name} (${names.en}) is wrong: ${bundle.problems.map(({ text }) => text.en).join('; ')}`,
        zh: `${object.name}（${names.zh}）的 caBundle 有误：${bundle.problems.map(({ text }) => text.zh).join('；')}`,
      },
      ...(usable
        ? {
            meaning: {
              en: 'The API server uses the certificates beside it, so that calls work.',
              zh: 'API server 会使用其余证书，因此调用仍可进行。',
            },
          }
        : {}),
      evidence: group.map((one): Evidence => ({ path: one.path, value: shown(one) })),
      confidence: 'certain',
      fix: fixOf(cluster, group, first),
    },
  ]
}

/** A key is never shown. */
function shown({ field, bundle }: InjectorBundle): string {
  if (bundle.problems.some(({ code }) => code === 'private-key')) return '(hidden: holds a private key)'
  return field.length <= 48 ? field : `${field.slice(0, 48)}…`
}

function fixOf(cluster: Cluster, group: readonly InjectorBundle[], { bundle, injector }: InjectorBundle): Fix {
  const entries = group.map((one) => one.injector)
  const root = rightRoot(cluster, injector)
  const hasKey = bundle.problems.some(({ code }) => code === 'private-key')
  const then = hasKey
    ? {
        en: '. Then replace that key and its certificate: everybody could read it',
        zh: '。然后更换该私钥及其证书：它已被公开',
      }
    : { en: '', zh: '' }
  if (bundle.certificates.length > 0 && root?.confidence !== 'certain') {
    return {
      text: {
        en: `Write the certificates that are in it as PEM, encoded once, and nothing else${then.en}`,
        zh: `把其中的证书以 PEM 格式、只编码一次写入，不含其他内容${then.zh}`,
      },
      ...writeBundle(entries, { encoded: encodedBundle(bundle.certificates) }),
    }
  }
  if (root !== undefined) {
    return {
      text: {
        en: `Write the root certificate from ${root.object.kind} ${root.object.name}${then.en}`,
        zh: `写入 ${root.object.kind} ${root.object.name} 中的根证书${then.zh}`,
      },
      ...writeBundle(entries, root),
    }
  }
  return {
    text: {
      en: 'Restart the control plane: it writes the bundle when it starts',
      zh: '重启控制平面：启动时会写入 caBundle',
    },
    ...restartInjector(cluster, injector),
  }
}
