import type { Json, JsonObject } from '@proa/kube'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import { at, numberAt, textAt } from '../../reading.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import {
  type AppContainer,
  appContainers,
  appEvidence,
  endsBeforeTheApp,
  execOf,
  fieldInTemplate,
} from './app-containers.ts'
import { inPod, type Proxied } from './proxied.ts'
import { proxyConfigOf, proxyVariable, secondsOf } from './proxy-config.ts'

/** Kubernetes' default, in seconds. */
const DEFAULT_GRACE = 30
/** Istio's defaults of terminationDrainDuration and MINIMUM_DRAIN_DURATION, in seconds. */
const DEFAULT_DRAIN = 5

/** A preStop hook that waits a known time. */
export interface PreStop {
  readonly app: AppContainer
  readonly seconds: number
  readonly evidence: Evidence
}

/** How a Pod ends, in seconds from the moment at which it is told to. */
export interface Shutdown {
  readonly grace: number
  readonly graceEvidence: Evidence
  readonly preStops: readonly PreStop[]
  /** What the preStop hook of the proxy waits before the proxy is told to end. */
  readonly proxyPreStop: number
  /** How long the proxy goes on after that. With `untilIdle` at least so long. */
  readonly drain: number
  readonly drainEvidence: Evidence
  /** EXIT_ON_ZERO_ACTIVE_CONNECTIONS: the proxy stays until nobody is connected. */
  readonly untilIdle: boolean
  /** A native sidecar ends after the application, and does not drain any more then. */
  readonly native: boolean
}

export function shutdownOf(cluster: Cluster, one: Proxied): Shutdown {
  const written = numberAt(one.pod, 'spec', 'terminationGracePeriodSeconds')
  const untilIdle = proxyVariable(one, 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS') === 'true'
  return {
    grace: written ?? DEFAULT_GRACE,
    graceEvidence: {
      ...fieldInTemplate(one.subject, 'spec.terminationGracePeriodSeconds', written),
      ...(numberAt(one.subject.template, 'spec', 'terminationGracePeriodSeconds') === undefined
        ? { value: written ?? DEFAULT_GRACE, label: { en: 'Kubernetes’ default', zh: 'Kubernetes 默认值' } }
        : {}),
    },
    preStops: preStopsOf(one),
    proxyPreStop: preStopSeconds(at(one.proxy, 'lifecycle', 'preStop')) ?? 0,
    ...drainOf(cluster, one, untilIdle),
    untilIdle,
    native: one.sidecar.native,
  }
}

function drainOf(cluster: Cluster, one: Proxied, untilIdle: boolean): Pick<Shutdown, 'drain' | 'drainEvidence'> {
  if (untilIdle) {
    const minimum = proxyVariable(one, 'MINIMUM_DRAIN_DURATION')
    const seconds = minimum === undefined ? undefined : secondsOf(minimum)
    return {
      drain: seconds ?? DEFAULT_DRAIN,
      drainEvidence: inPod(one, 'MINIMUM_DRAIN_DURATION', minimum ?? `${DEFAULT_DRAIN}s`),
    }
  }
  const own = textAt(proxyConfigOf(one), 'terminationDrainDuration')
  const mesh = textAt(verdictOf(cluster, one.subject).configuration?.mesh, 'defaultConfig', 'terminationDrainDuration')
  const duration = own || mesh
  return {
    drain: secondsOf(duration) ?? DEFAULT_DRAIN,
    drainEvidence: {
      path: 'proxyConfig.terminationDrainDuration',
      value: duration || `${DEFAULT_DRAIN}s`,
      ...(own === '' ? { label: { en: 'of the mesh', zh: '网格配置' } } : {}),
    },
  }
}

function preStopsOf(one: Proxied): readonly PreStop[] {
  return appContainers(one)
    .filter((app) => !endsBeforeTheApp(app))
    .flatMap((app) => {
      const handler = at(app.container, 'lifecycle', 'preStop')
      const seconds = preStopSeconds(handler)
      if (seconds === undefined) return []
      return [{ app, seconds, evidence: appEvidence(one, app, 'lifecycle.preStop', shortened(handler)) }]
    })
}

function shortened(handler: Json | undefined): Json | undefined {
  const text = execOf(handler)
  return text === '' ? handler : text.slice(0, 200)
}

/** Seconds that a preStop hook sleeps; undefined when it does not, or when nobody can tell for how long. */
export function preStopSeconds(handler: Json | undefined): number | undefined {
  const action = numberAt(handler, 'sleep', 'seconds')
  if (action !== undefined) return action
  const text = execOf(handler)
  // A loop sleeps several times, and a condition perhaps not at all.
  if (/\b(?:while|until|for|if)\b|\|\||\$\(|`/.test(text)) return undefined
  const sleeps = [...text.matchAll(/(?:^|[\s;&/'"(])sleep\s+(\d{1,6}(?:\.\d+)?)([smh]?)(?=$|[\s;&'")])/g)]
  if (sleeps.length === 0) return undefined
  return sleeps.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (unit === 'm' ? 60 : unit === 'h' ? 3600 : 1),
    0,
  )
}

/** The longest of them. */
export function longest(preStops: readonly PreStop[]): PreStop | undefined {
  return preStops.toSorted((a, b) => b.seconds - a.seconds)[0]
}

export const startsWithWait = (proxy: JsonObject): boolean =>
  /\bpilot-agent\s+wait\b/.test(execOf(at(proxy, 'lifecycle', 'postStart')))
