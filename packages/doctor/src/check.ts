import type { Cluster } from './cluster/cluster.ts'
import type { Category, CheckId, CheckOutcome, Severity } from './finding.ts'
import type { Text } from './language.ts'
import type { Kind } from './snapshot/kinds.ts'

/** What a finding of the check is about, which decides for which questions it is shown. */
export type Scope = 'cluster' | 'revision' | 'namespace' | 'workload' | 'pod' | 'node'

/**
 * A check is data. `run` is a pure function of the snapshot: no I/O, no clock but `cluster.now`, nothing that another
 * check left behind, and it never throws, however odd the objects are.
 */
export interface Check {
  readonly id: CheckId
  readonly severity: Severity
  readonly category: Category
  readonly scope: Scope
  /** Without these kinds nothing can be said: the check is then reported as not evaluated. */
  readonly needs: readonly Kind[]
  /**
   * Where files have no Pods, their templates will do: as they are `written`, or as the injector would have them `rendered`,
   * for which its webhooks and its configuration have to be there too.
   */
  readonly templates?: 'written' | 'rendered'
  /**
   * Kinds that make the answer better; without them it is still given. Some stand for what is read together with them:
   * `Deployment` for workloads of every kind, `ConfigMap` for the configuration of control planes with the Services, Pods, Nodes and
   * ProxyConfigs that belong to it, `Event` for whatever tells of Pods that could not be created.
   */
  readonly uses?: readonly Kind[]
  /** A few words: what is wrong when it fires. */
  readonly title: Text
  /** What it looks at, in full sentences. */
  readonly looksAt: Text
  /** Why it matters: what happens to users. */
  readonly why: Text
  /** What to do in general; the finding has the exact commands. */
  readonly remedy: Text
  /** Istio's own codes, issues and pages about the same thing: `IST0123`, `istio/istio#48317`, URLs. */
  readonly references?: readonly string[]
  readonly run: (cluster: Cluster) => readonly CheckOutcome[]
}
