import type { JsonObject } from '@proa/kube'
import type { Confidence } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { type Backend, containerPorts, targetPortOn } from '../../mesh/backends.ts'
import { at } from '../../reading.ts'

/** Where Istio and proa serve webhooks. */
const HTTPS_PORT = 15017

/** Ports of istiod (and of proa) that speak something else. */
const OTHER_PORTS: ReadonlyMap<number, Text> = new Map([
  [8080, { en: 'debug and readiness, plain HTTP', zh: '调试与就绪探测，明文 HTTP' }],
  [9876, { en: 'ControlZ, plain HTTP', zh: 'ControlZ，明文 HTTP' }],
  [15010, { en: 'xDS, plain text', zh: 'xDS，明文' }],
  [15012, { en: 'xDS and certificates over TLS', zh: 'xDS 与证书签发，TLS' }],
  [15014, { en: 'metrics, plain HTTP', zh: '监控指标，明文 HTTP' }],
])

export interface TargetProblem {
  readonly text: Text
  readonly confidence: Confidence
}

/**
 * What is wrong with the targetPort. That a number is not among the declared ports is no fault in itself: containers may listen
 * without declaring it.
 */
export function problemOfTarget(
  backend: Backend,
  pods: readonly JsonObject[],
  failing: boolean,
): TargetProblem | undefined {
  if (pods.length === 0) return undefined
  const target = at(backend.servicePort, 'targetPort')
  if (typeof target === 'string' && !/^\d+$/.test(target)) return problemOfName(target, pods)
  const port = targetPortOn(backend, pods[0])
  if (port === undefined) return undefined
  const declared = new Set(pods.flatMap(containerPorts).map((one) => one.port))
  const other = OTHER_PORTS.get(port)
  if (declared.has(HTTPS_PORT) && other !== undefined) {
    return {
      text: { en: `that is another port of the injector (${other.en})`, zh: `那是注入器的另一个端口（${other.zh}）` },
      confidence: 'certain',
    }
  }
  if (declared.has(port) || declared.size === 0) return undefined
  const isElsewhere = declared.has(HTTPS_PORT)
  if (!failing && !isElsewhere) return undefined
  return {
    text: {
      en: `no container declares it${isElsewhere ? `, while the webhook's usual port ${HTTPS_PORT} is declared` : ''}`,
      zh: `没有容器声明该端口${isElsewhere ? `，而 webhook 常用的端口 ${HTTPS_PORT} 有声明` : ''}`,
    },
    confidence: 'likely',
  }
}

function problemOfName(name: string, pods: readonly JsonObject[]): TargetProblem | undefined {
  const without = pods.filter((pod) => !containerPorts(pod).some((one) => one.name === name))
  if (without.length === 0) return undefined
  return {
    text:
      without.length === pods.length
        ? { en: 'no container has a port of that name', zh: '没有容器有这个名称的端口' }
        : {
            en: `${without.length} of ${pods.length} Pods have no port of that name`,
            zh: `${pods.length} 个 Pod 中有 ${without.length} 个没有这个名称的端口`,
          },
    confidence: 'certain',
  }
}

/** The number to correct it to: what the Pods declare as HTTPS, or Istio's. */
export function likelyHttpsPort(pods: readonly JsonObject[]): number {
  const all = pods.flatMap(containerPorts)
  if (all.some(({ port }) => port === HTTPS_PORT)) return HTTPS_PORT
  return all.find(({ name }) => name === 'https' || name.includes('webhook'))?.port ?? HTTPS_PORT
}
