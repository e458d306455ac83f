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
}

export function newRenderContext(): RenderContext {
  const parsed = memoryOf<Json>(REMEMBERED_TEXTS)
  const structures = new Set<string>()
  return {
    structures,
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
