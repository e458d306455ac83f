import type { Value } from '@proa/go-template'
import { type Json, parseYaml } from '@proa/kube'
import { memoryOf } from '../remember.ts'

/** How many rendered texts are remembered with what they parse to. */
const REMEMBERED_TEXTS = 512

/**
 * What rendering keeps between Pods of one configuration. Reading YAML is the slowest step of an injection, and
 * replicas of a workload render to the same text.
 */
export interface RenderContext {
  /** Parses rendered text, or remembers what the same text parsed to. Nobody may change the result. */
  parse(text: string): Json
  /** Texts that templates turned into structure on purpose since the last {@link RenderContext.forgetStructures}. */
  readonly structures: ReadonlySet<string>
  noteStructure(text: string): void
  forgetStructures(): void
  /** The data of the render that is under way; the template function `render` needs it. */
  readonly data: Value
  during<Result>(data: Value, render: () => Result): Result
  /** Runs a render inside the one under way; undefined where they are nested too deep, as by a text that renders itself. */
  nested<Result>(render: () => Result): Result | undefined
}

/** Istio's charts never nest; Go would run until its stack is full. */
const DEEPEST_NESTING = 16

/** @param texts so many rendered texts are remembered */
export function newRenderContext(texts = REMEMBERED_TEXTS): RenderContext {
  const parsed = memoryOf<Json>(texts)
  const structures = new Set<string>()
  let current: Value
  let depth = 0
  return {
    structures,
    get data() {
      return current
    },
    during(data, render) {
      current = data
      try {
        return render()
      } finally {
        current = undefined
      }
    },
    nested(render) {
      if (depth === DEEPEST_NESTING) return undefined
      depth++
      try {
        return render()
      } finally {
        depth--
      }
    },
    parse(text) {
      const known = parsed.get(text)
      if (known !== undefined) return known
      const value = parseYaml(text)
      parsed.set(text, value)
      return value
    },
    noteStructure: (text) => structures.add(text),
    forgetStructures: () => structures.clear(),
  }
}
