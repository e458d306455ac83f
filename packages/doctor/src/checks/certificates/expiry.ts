import { serverTitle } from '../../certificates/control-plane.ts'
import { failureEvidence, failuresOf } from '../../certificates/failures.ts'
import { type CertificateInUse, certificatesInUse, placeEvidence } from '../../certificates/in-use.ts'
import { injectorBundles, servedChains } from '../../certificates/places.ts'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Severity } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { objectTitle } from '../../naming.ts'
import { timeText } from '../../reading.ts'
import { renewal } from './renewal.ts'

const DAY = 86_400_000

export const INJ204: Check = {
  id: 'INJ204',
  severity: 'error',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['ConfigMap', 'Secret', 'Event'],
  title: { en: 'certificate has expired or is not yet valid', zh: '证书已过期或尚未生效' },
  looksAt: {
    en: 'The dates of the served certificate, of the roots in caBundle and in istio-ca-root-cert, and of the authority of the control plane, against the time of the snapshot. Beside a root that is valid, an old one may end.',
    zh: '将实际提供的证书、caBundle 与 istio-ca-root-cert 中的根证书以及控制平面 CA 的有效期与快照时间比较。旁边有有效根证书时，旧根证书过期不算问题。',
  },
  why: {
    en: 'The API server refuses the connection: "x509: certificate has expired or is not yet valid". When the authority of the mesh ends, the proxies cannot talk to each other either.',
    zh: 'API server 会拒绝连接："x509: certificate has expired or is not yet valid"。若网格的 CA 过期，代理之间也无法通信。',
  },
  remedy: {
    en: 'Renew the certificate; when it is the serving one, a restart of the injector does. When a certificate is not yet valid, compare the clocks.',
    zh: '更新证书；若是服务端证书，重启注入器即可。若证书尚未生效，请核对各机器的时钟。',
  },
  references: ['istio/istio#14516', 'istio/istio#14517', 'istio/istio#22372'],
  run: (cluster) => [
    ...certificatesInUse(cluster).flatMap((use) => outsideOfDates(cluster, use)),
    ...refusedForDates(cluster),
  ],
}

function outsideOfDates(cluster: Cluster, use: CertificateInUse): CheckOutcome[] {
  const now = cluster.now.getTime()
  const { certificate, object } = use
  const begins = certificate.notBefore > now
  if (!begins && certificate.notAfter >= now) return []
  const what = titleOf(use)
  const [at, since] = begins
    ? [timeText(certificate.notBefore), ageText(certificate.notBefore - now)]
    : [timeText(certificate.notAfter), ageText(now - certificate.notAfter)]
  const message: Text = begins
    ? {
        en: `${what.en} is valid only from ${at}, ${since.en} from now`,
        zh: `${what.zh}从 ${at} 起才有效，还有 ${since.zh}`,
      }
    : { en: `${what.en} expired on ${at}, ${since.en} ago`, zh: `${what.zh}已于 ${at} 过期，距今 ${since.zh}` }
  return [
    {
      outcome: 'found',
      object,
      ...(use.injector === undefined ? {} : { revision: use.injector.revision }),
      message,
      evidence: [...evidenceOf(use), { path: 'takenAt', value: timeText(now), label: NOW }],
      confidence: 'certain',
      fix: begins ? { text: CLOCKS, commands: [], changes: [] } : renewal(cluster, use),
    },
  ]
}

const NOW: Text = { en: 'now', zh: '当前时间' }
const CLOCKS: Text = {
  en: 'Compare the clocks of the machine that issued it, of the API servers and of this machine (NTP); with right clocks, wait or issue it anew',
  zh: '核对签发机器、API server 与本机的时钟（NTP）；若时钟正确，请等待或重新签发',
}

/** Nobody asked the server, and the API server says that its certificate is out of date. */
function refusedForDates(cluster: Cluster): CheckOutcome[] {
  const seen = new Set<string>()
  return injectorBundles(cluster).flatMap(({ injector, object }): CheckOutcome[] => {
    const server = serverTitle(injector)
    if (servedChains(cluster, injector).length > 0 || seen.has(server)) return []
    const [failure] = failuresOf(cluster, injector, ['certificate-expired', 'certificate-not-yet-valid'])
    if (failure === undefined) return []
    seen.add(server)
    return [
      {
        outcome: 'found',
        object,
        revision: injector.revision,
        message: {
          en: `The API server refuses the certificate of ${server} because of its dates. ${failure.classification.verdict.en}`,
          zh: `API server 因有效期拒绝了 ${server} 的证书。${failure.classification.verdict.zh}`,
        },
        evidence: [failureEvidence(failure)],
        confidence: 'likely',
        fix: renewal(cluster, { role: 'serving', object, injector }),
      },
    ]
  })
}

export const INJ205: Check = {
  id: 'INJ205',
  severity: 'warn',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['ConfigMap', 'Secret'],
  title: { en: 'certificate expires soon', zh: '证书即将过期' },
  looksAt: {
    en: 'The same certificates as INJ204. One that lives longer than 100 days is told of 60 (info), 30 (warning) and 7 days (error) before its end; a shorter one when less than 30% (warning) or 10% (error) of its life is left, because who issues such certificates renews them at a third.',
    zh: '与 INJ204 相同的证书。有效期超过 100 天的，在到期前 60 天（提示）、30 天（警告）和 7 天（错误）报告；更短的，在剩余不足 30%（警告）或 10%（错误）时报告，因为这类证书通常在剩余三分之一时更新。',
  },
  why: {
    en: 'Who renews it has not done so in time. On the day it ends, Pods can no longer be created.',
    zh: '负责更新的一方没有按时更新。到期当天起将无法创建 Pod。',
  },
  remedy: {
    en: 'Find out why it is not renewed, and renew it before it ends. For a root: publish the new one beside the old one first.',
    zh: '查明未更新的原因，并在到期前更新。若是根证书：先让新旧根证书同时发布。',
  },
  references: ['istio/istio#14516', 'linkerd/linkerd2#4977'],
  run: (cluster) => certificatesInUse(cluster).flatMap((use) => endingSoon(cluster, use)),
}

function endingSoon(cluster: Cluster, use: CertificateInUse): CheckOutcome[] {
  const now = cluster.now.getTime()
  const { certificate, object } = use
  const left = certificate.notAfter - now
  const life = certificate.notAfter - certificate.notBefore
  const severity = left < 0 || certificate.notBefore > now ? undefined : urgency(left, life)
  if (severity === undefined) return []
  const [what, age, whole] = [titleOf(use), ageText(left), ageText(life)]
  return [
    {
      outcome: 'found',
      object,
      severity,
      ...(use.injector === undefined ? {} : { revision: use.injector.revision }),
      message: {
        en: `${what.en} expires in ${age.en}, on ${timeText(certificate.notAfter)}, of a life of ${whole.en}`,
        zh: `${what.zh}将在 ${age.zh}后（${timeText(certificate.notAfter)}）过期，总有效期为 ${whole.zh}`,
      },
      evidence: evidenceOf(use),
      confidence: 'certain',
      fix: renewal(cluster, use),
    },
  ]
}

/** Certificates that live no longer than this are renewed by a program, at two thirds of their life as a rule. */
const SHORT_LIFE = 100 * DAY

export function urgency(left: number, life: number): Severity | undefined {
  const limits: readonly (readonly [number, Severity])[] =
    life <= SHORT_LIFE
      ? [
          [life * 0.1, 'error'],
          [life * 0.3, 'warn'],
        ]
      : [
          [7 * DAY, 'error'],
          [30 * DAY, 'warn'],
          [60 * DAY, 'info'],
        ]
  return limits.find(([limit]) => left < limit)?.[1]
}

/** istiod's own serving certificate has names, and no subject. */
function titleOf({ role, certificate, object }: CertificateInUse): Text {
  const subject = certificate.subject || certificate.dnsNames[0] || `SHA-256 ${certificate.fingerprint.slice(0, 16)}…`
  const where = objectTitle(object)
  return role === 'serving'
    ? { en: `The serving certificate ${subject} of ${where}`, zh: `${where} 的服务端证书 ${subject} ` }
    : { en: `The authority ${subject} (${where})`, zh: `CA 证书 ${subject}（${where}）` }
}

const MOST_PLACES = 6

function evidenceOf({ places, certificate }: CertificateInUse): Evidence[] {
  return places.slice(0, MOST_PLACES).map((place) => placeEvidence(place, certificate))
}

function ageText(milliseconds: number): Text {
  const hours = Math.floor(milliseconds / 3_600_000)
  if (hours >= 48) return { en: `${Math.floor(hours / 24)} days`, zh: `${Math.floor(hours / 24)} 天` }
  if (hours >= 1) return { en: `${hours} hours`, zh: `${hours} 小时` }
  const minutes = Math.floor(milliseconds / 60_000)
  return { en: `${minutes} minutes`, zh: `${minutes} 分钟` }
}
