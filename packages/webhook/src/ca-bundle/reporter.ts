import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { type EventRecorder, eventRecorder, type KubeClient } from '@proa/kube-client'
import type { CaBundlePatcherOptions } from './patcher.ts'

/** What keeps the caBundle of webhook configurations from being right, for `/readyz` and as Events. */
export interface CaBundleReporter {
  readonly report: NonNullable<CaBundlePatcherOptions['report']>
  /** Of any of them. */
  readonly problem: string | undefined
}

export interface CaBundleReporterOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>
  readonly component: string
  readonly instance: string
  /** Default: one on the client. */
  readonly events?: EventRecorder
}

export const CA_BUNDLE_REASON = 'CABundleNotRight'

/** An Event at the webhook configuration for each new problem. The log has it already: an Event that cannot be written is dropped. */
export function caBundleReporter(options: CaBundleReporterOptions): CaBundleReporter {
  const { client, component, instance, events = eventRecorder(client, { component, instance }) } = options
  const problems = new Map<string, string>()
  return {
    get problem() {
      return [...problems.values()][0]
    },
    report(configuration, problem) {
      const { name, uid } = identityOf(configuration)
      problems.delete(name)
      if (problem === undefined) return
      problems.set(name, problem)
      const { apiVersion, kind } = configuration
      const regarding = { apiVersion: String(apiVersion), kind: String(kind), name, ...(uid === '' ? {} : { uid }) }
      events.record({ regarding, type: 'Warning', reason: CA_BUNDLE_REASON, message: problem }).catch(() => undefined)
    },
  }
}

function identityOf(object: JsonObject): { readonly name: string; readonly uid: string } {
  const metadata = getOwn(object, 'metadata')
  const text = (key: string): string => (isObject(metadata) ? String(getOwn(metadata, key) ?? '') : '')
  return { name: text('name'), uid: text('uid') }
}
