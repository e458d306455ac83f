import type { JsonObject } from '@proa/kube'
import type { ListeningAddress } from '../network/network.ts'

/** What a container that really runs is given. */
export interface PodEnvironment {
  /** A kubeconfig file for the Pod's ServiceAccount: it names a token file that is renewed. */
  readonly kubeconfig: string
  /** Folder for the files of the Pod's volumes; removed with the Pod. */
  readonly directory: string
  /** The container's environment, `valueFrom` resolved. */
  readonly env: Readonly<Record<string, string>>
  /** One line of the container's output: what `kubectl logs` shows. */
  log(line: string): void
}

/** A container that runs as a process of this machine. */
export interface RunningContainer {
  /** containerPort → where it really listens. Resolves once everything listens. */
  readonly ports: Promise<ReadonlyMap<number, ListeningAddress>>
  /** The exit code, when it ends by itself. */
  readonly exited: Promise<number>
  /** SIGTERM, and SIGKILL after the grace period in seconds. */
  stop(gracePeriodSeconds: number): Promise<void>
}

/**
 * Runs a container of a Pod, or says that it does not know the image: then the container is only marked as running, as
 * there is no container runtime here.
 */
export type ContainerRunner = (
  container: JsonObject,
  pod: JsonObject,
  environment: PodEnvironment,
) => RunningContainer | undefined
