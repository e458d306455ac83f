import type { JsonObject } from '@proa/kube'
import type { TemplateInput } from '../data/template-data.ts'
import type { FinishStep } from '../finish/index.ts'
import type { ContainerOverrides } from '../overlay/overrides.ts'
import type { RenderContext } from '../render/context.ts'
import type { Rendered } from '../render/render.ts'

/** The typed Pod after one part of an injection. */
export type Stage =
  | { readonly kind: 'template'; readonly pod: JsonObject; readonly rendered: Rendered }
  | { readonly kind: 'override'; readonly pod: JsonObject }
  | { readonly kind: 'finish'; readonly pod: JsonObject; readonly step: FinishStep }
  /** All of an injection by Istio 1.8. */
  | { readonly kind: 'legacy'; readonly pod: JsonObject; readonly rendered: Rendered }

/** The way of one Pod through an injection. */
export interface InjectionTrace extends TraceStart {
  readonly stages: readonly Stage[]
}

/** What an injection begins with. */
export interface TraceStart {
  /** The typed Pod of the request. */
  readonly base: JsonObject
  /** What the templates are rendered with. */
  readonly input: TemplateInput
  readonly render: RenderContext
  /** What the Pod's annotation remembers of the user's own settings. */
  readonly overrides: ContainerOverrides
  readonly injectedAnnotations: Readonly<Record<string, string>>
}

/** Is told of an injection while it runs. */
export interface InjectionRecorder {
  begin(start: TraceStart): void
  reached(stage: Stage): void
}

/** The trace of an injection that is run once more for it: one that nobody asks about leaves none. */
export function traceOf(inject: (recorder: InjectionRecorder) => void): InjectionTrace | undefined {
  let start: TraceStart | undefined
  const stages: Stage[] = []
  inject({
    begin: (given) => {
      start = given
    },
    reached: (stage) => stages.push(stage),
  })
  return start === undefined ? undefined : { ...start, stages }
}
