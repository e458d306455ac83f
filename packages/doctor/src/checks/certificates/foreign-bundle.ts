import { isUsable } from '../../certificates/bundle.ts'
import { makerOf, restartInjector, serverTitle } from '../../certificates/control-plane.ts'
import { failureEvidence, failuresOf } from '../../certificates/failures.ts'
import {
  type InjectorBundle,
  injectorBundles,
  ROOT_KEY,
  type RootConfigMap,
  rootConfigMaps,
  type ServedChain,
  servedChains,
} from '../../certificates/places.ts'
import { printsOf, type RightRoot, rightRoot } from '../../certificates/right-root.ts'
import { trustOf, verdictFor } from '../../certificates/trust.ts'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Confidence, Evidence, Fix } from '../../finding.ts'
import type { Text } from '../../language.ts'
import type { CreationFailure } from '../../messages/index.ts'
import { objectTitle } from '../../naming.ts'
import { entryNames } from './entry-names.ts'
import { writeBundle } from './write-bundle.ts'

export const INJ202: Check = {
  id: 'INJ202',
  severity: 'error',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['ConfigMap', 'Secret', 'Service', 'Event'],
  title: { en: 'caBundle does not match the served certificate', zh: 'caBundle 与实际提供的证书不匹配' },
  looksAt: {
    en: 'The SHA-256 fingerprints of caBundle, of the root certificate in the ConfigMap istio-ca-root-cert, and of the certificate chain that the injector really serves, side by side. Where the chain was not asked for, what the API server says in Events decides, and for Istio the ConfigMap.',
    zh: '并排比较 caBundle、ConfigMap istio-ca-root-cert 中的根证书以及注入器实际提供的证书链的 SHA-256 指纹。未探测证书链时，以 Event 中 API server 的消息为准；对 Istio 则比较该 ConfigMap。',
  },
  why: {
    en: 'The API server does not trust the injector. The call fails with "x509: certificate signed by unknown authority", and with failurePolicy Fail no Pod can be created.',
    zh: 'API server 不信任注入器，调用会因 "x509: certificate signed by unknown authority" 失败；failurePolicy 为 Fail 时无法创建 Pod。',
  },
  remedy: {
    en: 'When the bundle is the odd one of the three, write the root that verifies the served chain into it. When the served chain is the odd one, restart the injector. Several roots in one bundle are healthy: they overlap while a root rotates.',
    zh: '若三者中 caBundle 与众不同，把能验证该证书链的根证书写入 caBundle；若实际提供的证书链与众不同，则重启注入器。一个 caBundle 中有多个根证书是正常的：根证书轮换期间会重叠。',
  },
  references: ['istio/istio#7409', 'istio/istio#16363', 'istio/istio#36687', 'istio/istio#22487'],
  run: (cluster) => {
    const readable = injectorBundles(cluster).filter(({ bundle }) => isUsable(bundle))
    const groups = Map.groupBy(
      readable,
      ({ injector, field }) => `${injector.configuration} ${serverTitle(injector)} ${field}`,
    )
    return [...groups.values()].flatMap((group) => examine(cluster, group))
  },
}

/** What stands against each other. */
interface Sides {
  readonly group: readonly InjectorBundle[]
  readonly first: InjectorBundle
  readonly chains: readonly ServedChain[]
  /** Those that the bundle does not verify. */
  readonly distrusted: readonly ServedChain[]
  readonly map: RootConfigMap | undefined
  /** The bundle and the ConfigMap have a certificate in common. */
  readonly agree: boolean | undefined
  readonly failure: CreationFailure | undefined
}

function examine(cluster: Cluster, group: readonly InjectorBundle[]): CheckOutcome[] {
  const [first] = group
  if (first === undefined) return []
  const { injector, bundle } = first
  const chains = servedChains(cluster, injector).filter(({ chain }) => chain.certificates.length > 0)
  const trusts = chains.map((served) => ({
    served,
    trust: trustOf(
      served.chain.certificates,
      bundle.certificates,
      verdictFor(served.probe, injector.configuration, injector.index),
    ),
  }))
  const bad = trusts.filter(({ trust }) => !trust.trusted)
  // proa's injector has an authority of its own: the root of the mesh says nothing of it.
  const isIstio = makerOf(injector) === 'istio'
  const found = isIstio ? rootConfigMaps(cluster).get(injector.service?.namespace ?? '') : undefined
  const map = found !== undefined && found.bundle.certificates.length > 0 ? found : undefined
  const [failure] = failuresOf(cluster, injector, ['unknown-authority'])
  const agree = map?.bundle.certificates.some((root) => has(bundle.certificates, root.fingerprint))
  const sides: Sides = { group, first, chains, distrusted: bad.map(({ served }) => served), map, agree, failure }
  const confidence = judge(sides, bad[0]?.trust.confidence)
  return confidence === undefined ? [] : [finding(cluster, sides, confidence)]
}

const has = (certificates: InjectorBundle['bundle']['certificates'], fingerprint: string): boolean =>
  certificates.some((one) => one.fingerprint === fingerprint)

/** What is served decides. Of Istio it is known that it serves with the root that it copies into the namespaces. */
function judge(
  { chains, distrusted, failure, agree }: Sides,
  served: 'certain' | 'likely' | undefined,
): Confidence | undefined {
  if (chains.length > 0) return distrusted.length > 0 ? served : undefined
  if (failure !== undefined) return 'certain'
  return agree === false ? 'likely' : undefined
}

type Odd = 'bundle' | 'served' | 'replica' | 'unclear'

/** Which of the three does not fit the two others. */
function oddOne({ chains, distrusted, agree }: Sides, root: RightRoot | undefined): Odd {
  if (distrusted.length > 0 && distrusted.length < chains.length) return 'replica'
  if (root !== undefined && root.path !== 'served certificate chain') return 'bundle'
  if (agree === true) return 'served'
  return chains.length === 0 && agree === false ? 'bundle' : 'unclear'
}

function finding(cluster: Cluster, sides: Sides, confidence: Confidence): CheckOutcome {
  const { first, group } = sides
  const { injector, object, bundle } = first
  const root = distinctRoot(rightRoot(cluster, injector), first)
  const odd = oddOne(sides, root)
  const server = serverTitle(injector)
  const against = sides.chains.length > 0 || sides.failure !== undefined ? SERVED_SIDE : MAP_SIDE
  const names = entryNames(group)
  return {
    outcome: 'found',
    object,
    revision: injector.revision,
    message: {
      en: `The caBundle of ${object.name} (${names.en}) does not match ${against.en} ${server}: it holds ${printsOf(bundle)}`,
      zh: `${object.name}（${names.zh}）的 caBundle 与 ${server} ${against.zh}不匹配：其中是 ${printsOf(bundle)}`,
    },
    meaning: MEANINGS[odd],
    evidence: evidenceOf(sides),
    confidence,
    fix: fixOf(cluster, sides, odd, root),
  }
}

const SERVED_SIDE: Text = { en: 'the certificate that is served by', zh: '实际提供的证书' }
const MAP_SIDE: Text = { en: 'the root certificate of', zh: '的根证书' }

/** What is in the bundle already cannot be what it lacks. */
function distinctRoot(root: RightRoot | undefined, { bundle }: InjectorBundle): RightRoot | undefined {
  return root?.certificates.every(({ fingerprint }) => has(bundle.certificates, fingerprint)) ? undefined : root
}

const MEANINGS: Readonly<Record<Odd, Text>> = {
  bundle: {
    en: 'The caBundle is the odd one: it is foreign or outdated.',
    zh: '与众不同的是 caBundle：它来自别处或已过时。',
  },
  served: {
    en: 'caBundle and root certificate agree: the injector serves a certificate of another authority.',
    zh: 'caBundle 与根证书一致：是注入器提供了另一个 CA 签发的证书。',
  },
  replica: {
    en: 'Other replicas serve a certificate that fits: this one has not taken over the new certificate.',
    zh: '其他副本提供的证书是匹配的：该副本没有换用新证书。',
  },
  unclear: {
    en: 'The two disagree, and there is no third to compare them with.',
    zh: '两者不一致，且没有第三方可供比较。',
  },
}

function evidenceOf({ group, first, chains, distrusted, map, failure }: Sides): readonly Evidence[] {
  const shown = [...distrusted, ...chains.filter((one) => !distrusted.includes(one))].slice(0, 3)
  return [
    ...group.slice(0, 1).map(({ path }) => ({
      path,
      value: printsOf(first.bundle),
      label: { en: 'caBundle of the webhook', zh: 'webhook 的 caBundle' },
    })),
    ...(map === undefined
      ? []
      : [
          {
            object: objectName(map.object),
            path: `data["${ROOT_KEY}"]`,
            value: printsOf(map.bundle),
            label: { en: 'root certificate of the mesh', zh: '网格的根证书' },
          },
        ]),
    ...shown.map(({ object, chain, probe }) => ({
      object,
      path: 'served certificate chain',
      value: printsOf(chain),
      label: servedLabel(verdictFor(probe, first.injector.configuration, first.injector.index)?.problem),
    })),
    ...(failure === undefined ? [] : [failureEvidence(failure)]),
  ]
}

function servedLabel(problem: string | undefined): Text {
  return problem === undefined
    ? { en: 'really served', zh: '实际提供的证书' }
    : { en: `really served; ${problem}`, zh: `实际提供的证书；${problem}` }
}

function fixOf(cluster: Cluster, { group, first, distrusted }: Sides, odd: Odd, root: RightRoot | undefined): Fix {
  const { injector } = first
  const restart = restartInjector(cluster, injector)
  if (odd !== 'served' && odd !== 'replica' && root !== undefined) {
    const place = objectTitle(root.object)
    return {
      text: {
        en: `Write the root from ${place} into caBundle: ${printsOf(root)}`,
        zh: `把 ${place} 中的根证书写入 caBundle：${printsOf(root)}`,
      },
      ...writeBundle(
        group.map((one) => one.injector),
        root,
      ),
    }
  }
  const pods = odd === 'replica' ? ` (${distrusted.map(({ object }) => object.name).join(', ')})` : ''
  return {
    text: {
      en: `Restart ${serverTitle(injector)}${pods}, so that it takes a certificate of its authority and writes the bundle`,
      zh: `重启 ${serverTitle(injector)}${pods}，使其换用自己 CA 的证书并写入 caBundle`,
    },
    ...restart,
  }
}
