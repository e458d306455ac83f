import type { KubeConfig } from '@kubernetes/client-node'
import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import type { ProaResult } from './proa.ts'

/**
 * What a cluster may lack.
 *
 * | capability | what it is |
 * |---|---|
 * | `controllers` | Deployments and the like become Pods, by kube-controller-manager or what stands in for it |
 * | `kubelet` | Pods of the injector run, so that "proa install" can wait for them |
 * | `alone` | nobody else uses the cluster: the default revision is ours to take |
 * | `audit` | the audit log can be read |
 */
export type Capability = 'controllers' | 'kubelet' | 'alone' | 'audit'

/** A replica of the injector: a process of this machine, whatever the cluster. */
export interface Injector {
  readonly name: string
  /** `http://127.0.0.1:1234`, where its health and its metrics are. */
  readonly statusUrl: string
  /** What it has logged, one object per line. */
  readonly log: readonly JsonObject[]
  readonly exited: Promise<unknown>
  /** As when its Pod is deleted: it leaves the endpoints, hears SIGTERM, and drains. */
  remove(): Promise<void>
  /** SIGKILL. The endpoints are corrected when somebody has noticed. */
  kill(): void
}

/** A cluster with everything that the tests need from it; the same for all kinds of clusters. */
export interface Cluster {
  readonly title: string
  /** Why a capability is not there, for the title of skipped tests: `runs no controllers`. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>
  /** File of an administrator. */
  readonly kubeconfig: string
  readonly client: KubeClient
  /** The official client, for the same cluster. */
  readonly official: KubeConfig
  /** Where our injector is installed. */
  readonly namespace: string
  readonly revision: string
  /** Flags that every command of an installation gets here. */
  readonly flags: readonly string[]
  /** Labels of a namespace whose Pods are to be injected. */
  readonly injected: Readonly<Record<string, string>>
  /** Runs `proa` with the kubeconfig of the cluster. */
  proa(...args: readonly string[]): Promise<ProaResult>
  /** A name that nobody else has. */
  name(base: string): string
  /** Creates a namespace with a name of its own; it goes with the cluster. */
  createNamespace(labels?: Readonly<Record<string, string>>): Promise<string>
  /** Whatever else has to go in the end: what belongs to the whole cluster. */
  remember(ref: { apiVersion: string; kind: string; name: string }): void
  /** Where `proa` runs, for files of a test. */
  readonly folder: string
  /** Waits until so many injectors of a revision (ours, by default) run and are ready, starting them where the cluster cannot. */
  runInjectors(count: number, revision?: string): Promise<readonly Injector[]>
  /** Those of our revision that run. */
  injectors(): readonly Injector[]
  /** How a webhook of a test, listening on all addresses of this machine, is reached from the cluster's API server. */
  webhookUrl(port: number): string
  /** The address in it, for a certificate. */
  readonly address: string
  /** Audit annotations of creations of Pods with this name (where `audit` is not lacking). */
  auditAnnotations(pod: string): Promise<Readonly<Record<string, string>>>
  /** Takes away everything that was made here, also after a failure. */
  stop(): Promise<void>
}
