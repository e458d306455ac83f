import type { FinishStep } from '../finish/index.ts'

/** A line of a template. */
export interface TemplateLine {
  /** The template's name in the configuration. */
  readonly template: string
  /** 1-based line of the template's text; 0 where it is not known. */
  readonly line: number
  /** That line without the white space around it. */
  readonly text: string
}

/** What wrote a field. */
export type Origin =
  | ({ readonly kind: 'template' } & TemplateLine)
  | {
      readonly kind: 'override'
      /** `container istio-proxy of the Pod`, or `annotation proxy.istio.io/overrides`. */
      readonly source: string
      /** The line of a template that would have set it otherwise. */
      readonly over?: TemplateLine
    }
  /** A step after the templates. */
  | { readonly kind: 'finish'; readonly step: FinishStep }
  /** The injector's configuration itself, such as `injectedAnnotations`. */
  | { readonly kind: 'configuration'; readonly path: string }

/**
 * `moved` is an item of a list that stands elsewhere among the items that were there before. `kept` is a field of the
 * user's that a template would have changed, had the user not set it.
 */
export type FieldChange = 'added' | 'changed' | 'removed' | 'moved' | 'kept'

/** Where one field of the injected Pod came from. */
export interface FieldOrigin {
  /** The field, items of lists by their name: `spec.containers[istio-proxy].image`. */
  readonly path: string
  /** RFC 6901, in the injected Pod; in the Pod of the request where the field was removed. */
  readonly pointer: string
  readonly change: FieldChange
  readonly origin: Origin
}
