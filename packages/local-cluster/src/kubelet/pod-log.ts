import type { LogLine } from './container-log.ts'
import type { Kubelet } from './kubelet.ts'

export interface PodLogOptions {
  /** Only so many of the newest lines. */
  readonly tailLines?: number
  /** Only lines from then on: milliseconds since 1970. */
  readonly since?: number
}

export interface OpenPodLog {
  /** What is there now. */
  readonly lines: readonly LogLine[]
  /** Calls with each further line, until the container is gone or the returned function is called. */
  follow(listener: (line: LogLine) => void, onEnd: () => void): () => void
}

/** Opens the log of a container; undefined when no Node has it. */
export type PodLog = (
  namespace: string,
  pod: string,
  container: string,
  options?: PodLogOptions,
) => OpenPodLog | undefined

export function podLogOf(kubelets: readonly Kubelet[]): PodLog {
  return (namespace, pod, container, options = {}) => {
    for (const kubelet of kubelets) {
      const slot = kubelet.container(namespace, pod, container)
      if (slot === undefined) continue
      const { since = 0, tailLines } = options
      const recent = slot.log.lines().filter((line) => line.time >= since)
      return {
        lines: tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines)),
        follow: slot.log.follow,
      }
    }
    return undefined
  }
}
