import type { JsonObject } from '@proa/kube'

/** A line of an injector's log; what is no JSON is a message. */
export function logLine(line: string): JsonObject {
  try {
    return JSON.parse(line) as JsonObject
  } catch {
    return { msg: line }
  }
}

/** What an injector says of itself as soon as it listens. */
export interface Listening {
  readonly pid: number
  readonly port: number
  readonly statusUrl: string
}

export function listeningIn({ msg, pid, https, status }: JsonObject): Listening | undefined {
  if (msg !== 'listening') return undefined
  return { pid: Number(pid), port: Number(new URL(String(https)).port), statusUrl: String(status) }
}
