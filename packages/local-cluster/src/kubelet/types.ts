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
  /**
   * A text with the container's mount paths in it (`--config=/etc/app/config.yaml`), as it has to be said on this machine:
   * there is no file system of its own, so each mount path becomes the folder where the volume really is.
   */
  path(text: string): string
  /** One line of the container's output: what `kubectl logs` shows. */
  log(line: string): void
}

/** A container that runs as a process of this machine. */
export interface RunningContainer {
  /** containerPort → where it really listens. Resolves once everything listens; rejects when it ended before. */
  readonly ports: Promise<ReadonlyMap<number, ListeningAddress>>
  /** The exit code, when it ends. */
  readonly exited: Promise<number>
  /** SIGTERM, and SIGKILL after the grace period in seconds. Asked again with a shorter one, it ends sooner. */
  stop(gracePeriodSeconds: number): Promise<void>
}

/** Runs the containers whose image it knows. All others are only marked as running: there is no container runtime here. */
export interface ContainerRunner {
  knows(container: JsonObject): boolean
  /** Throws when it cannot even be started; that is reported like a container that exits. */
  run(container: JsonObject, pod: JsonObject, environment: PodEnvironment): RunningContainer
}
