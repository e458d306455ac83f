import { isArray, isObject, type Json } from '@proa/kube'
import { durationNanoseconds } from './duration.ts'
import type { Message } from './read.ts'

/** Fields of a canonical message by kind; unset ones give the zero value. Names are literals of ours. */

/** Nanoseconds. */
export function durationOf(message: Message, name: string): bigint {
  const value = message[name]
  return typeof value === 'string' ? durationNanoseconds(value) : 0n
}

export function textOf(message: Message, name: string): string {
  const value = message[name]
  return typeof value === 'string' ? value : ''
}

export function numberOf(message: Message, name: string): number {
  const value = message[name]
  return typeof value === 'number' ? value : 0
}

export function childOf(message: Message, name: string): Message | undefined {
  const value = message[name]
  return isObject(value) ? value : undefined
}

export function itemsOf(message: Message, name: string): readonly Json[] {
  const value = message[name]
  return isArray(value) ? value : []
}
