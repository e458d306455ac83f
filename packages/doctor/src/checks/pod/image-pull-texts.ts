import type { Fix } from '../../finding.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import type { Text } from '../../language.ts'

export interface PullFacts {
  readonly title: string
  readonly namespace: string
  readonly container: string
  readonly image: string
  /** The words of the registry or of the kubelet. */
  readonly said: string
  /** Names of the pull secrets that the Pod has. */
  readonly secrets: readonly string[]
  /** Those of them that do not exist. */
  readonly missing: readonly string[]
  /** Pods that wait. */
  readonly count: number
}

type Cause = 'auto' | 'name' | 'never' | 'unauthorized' | 'absent' | 'rate' | 'unreachable' | 'other'

const CAUSES: readonly (readonly [Cause, RegExp])[] = [
  ['rate', /toomanyrequests|too many requests|rate limit|\b429\b/i],
  ['absent', /manifest unknown|not found|NotFound|no such manifest|no match for platform|does not exist in registry/],
  [
    'unauthorized',
    /unauthorized|authentication required|access denied|authorization failed|forbidden|no basic auth|denied|\b40[13]\b/i,
  ],
  [
    'unreachable',
    /no such host|i\/o timeout|connection refused|deadline exceeded|no route to host|TLS handshake|x509|connection reset|EOF/,
  ],
  ['never', /ErrImageNeverPull|imagePullPolicy is Never|is not present with pull policy/],
  ['name', /InvalidImageName|couldn't parse image|invalid reference format|must be lowercase/],
]

export function pullTexts(facts: PullFacts): { readonly message: Text; readonly fix: Fix } {
  const cause = causeOf(facts)
  const { en, zh } = because(cause, facts)
  const { title, container, image, count } = facts
  const pods = count === 1 ? { en: '', zh: ' ' } : { en: ` (${count} Pods)`, zh: `（${count} 个 Pod）` }
  return {
    message: {
      en: `${container} of ${title}${pods.en} does not start, as its image ${image} cannot be pulled: ${en}`,
      zh: `${title} 的 ${container}${pods.zh}无法启动，因为镜像 ${image} 无法拉取：${zh}`,
    },
    fix: fixOf(cause, facts),
  }
}

function causeOf({ image, said, missing }: PullFacts): Cause {
  if (image === 'auto') return 'auto'
  const found = CAUSES.find(([, pattern]) => pattern.test(said))?.[0] ?? 'other'
  // Registries tell strangers that there is no such image.
  return missing.length > 0 && found !== 'rate' && found !== 'name' ? 'unauthorized' : found
}

function because(cause: Cause, { secrets, missing, namespace }: PullFacts): Text {
  switch (cause) {
    case 'auto':
      return { en: '"auto" is no image, and no injector replaced it', zh: '"auto" 不是镜像名，且没有注入器替换它' }
    case 'unauthorized':
      if (missing.length > 0) {
        return {
          en: `the pull secret ${missing.join(', ')} does not exist in the namespace ${namespace}`,
          zh: `命名空间 ${namespace} 中不存在拉取凭据 ${missing.join('、')}`,
        }
      }
      return secrets.length === 0
        ? {
            en: 'the registry wants credentials, and the Pod has no imagePullSecrets',
            zh: '镜像仓库要求凭据，而 Pod 没有 imagePullSecrets',
          }
        : {
            en: `the registry does not accept the credentials of ${secrets.join(', ')}`,
            zh: `镜像仓库不接受 ${secrets.join('、')} 中的凭据`,
          }
    case 'absent':
      return { en: 'the registry has no such image', zh: '镜像仓库中没有该镜像' }
    case 'rate':
      return { en: 'the registry limits the number of pulls', zh: '镜像仓库限制了拉取频率' }
    case 'unreachable':
      return { en: 'the Node does not reach the registry', zh: '节点无法访问镜像仓库' }
    case 'never':
      return {
        en: 'it is not on the Node and imagePullPolicy is Never',
        zh: '节点上没有该镜像，且 imagePullPolicy 为 Never',
      }
    case 'name':
      return { en: 'this is no valid image reference', zh: '这不是合法的镜像引用' }
    case 'other':
      return { en: 'the event says more', zh: '详见事件' }
  }
}

const HUB: Text = {
  en: 'Correct hub and tag (global.hub, global.tag, global.proxy.image of the injector, or the annotation sidecar.istio.io/proxyImage)',
  zh: '修正 hub 与 tag（注入器的 global.hub、global.tag、global.proxy.image，或注解 sidecar.istio.io/proxyImage）',
}

function fixOf(cause: Cause, { namespace, secrets, missing, image }: PullFacts): Fix {
  const inNamespace = kubectl({ namespace })
  switch (cause) {
    case 'auto':
      return {
        text: {
          en: 'Have the Pod injected (INJ129 says what is missing), or write an image in place of auto',
          zh: '使 Pod 被注入（INJ129 说明缺少什么），或把 auto 换成实际镜像',
        },
        commands: [],
        changes: [],
      }
    case 'unauthorized': {
      const name = missing[0] ?? secrets[0] ?? 'regcred'
      const registry = image.includes('/') ? image.slice(0, image.indexOf('/')) : 'docker.io'
      return {
        text: {
          en: `Create the pull secret in ${namespace}${secrets.length === 0 ? `, and name it in global.imagePullSecrets of the injector` : ''}`,
          zh: `在 ${namespace} 中创建拉取凭据${secrets.length === 0 ? '，并写入注入器的 global.imagePullSecrets' : ''}`,
        },
        commands: [
          `${inNamespace} create secret docker-registry ${shellWord(name)} --docker-server=${shellWord(registry)} --docker-username=USER --docker-password=PASSWORD`,
        ],
        changes: [],
      }
    }
    case 'absent':
    case 'name':
      return { text: HUB, commands: [], changes: [] }
    case 'never':
      return {
        text: {
          en: 'Set global.imagePullPolicy of the injector to IfNotPresent',
          zh: '将注入器的 global.imagePullPolicy 设为 IfNotPresent',
        },
        commands: [],
        changes: [],
      }
    default:
      return {
        text: {
          en: 'Make the registry reachable from the Nodes, or point global.hub to a mirror of it',
          zh: '使节点可以访问镜像仓库，或将 global.hub 指向镜像站',
        },
        commands: [`${inNamespace} get events --field-selector reason=Failed`],
        changes: [],
      }
  }
}
