import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { outcomeOf } from '../suite/objects.ts'

export interface Load {
  /** How each admission so far has ended, and how often. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Resolves when so many more have ended. */
  more(count: number): Promise<void>
  stop(): Promise<void>
}

/** Creates Pods (as dry runs: admitted like any other, and not stored) one after the other, in so many rows at once. */
export function steadyLoad(client: KubeClient, pod: (index: number) => JsonObject, rows = 4): Load {
  const outcomes = new Map<string, number>()
  const ended = new AbortController()
  const waiting = new Set<() => void>()
  let count = 0
  const row = async () => {
    while (!ended.signal.aborted) {
      count += 1
      const outcome = await outcomeOf(client, pod(count)).catch((error: unknown) => `lost: ${String(error)}`)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      for (const look of waiting) look()
    }
  }
  const running = Promise.all(Array.from({ length: rows }, row))
  const sum = () => [...outcomes.values()].reduce((all, one) => all + one, 0)
  return {
    outcomes,
    more(wanted) {
      const goal = sum() + wanted
      return new Promise((resolve) => {
        const look = () => {
          if (sum() < goal) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
      })
    },
    async stop() {
      ended.abort()
      await running
    },
  }
}
