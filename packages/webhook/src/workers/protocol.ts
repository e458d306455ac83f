import type { ConfigurationSources } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import type { PlainConfigurationOptions } from '../contracts.ts'
import type { Reviewed } from '../review/types.ts'

/** What a worker is sent. It takes one message after the other. */
export type ToWorker =
  | {
      readonly type: 'configuration'
      readonly generation: number
      readonly sources: ConfigurationSources
      readonly options: PlainConfigurationOptions
    }
  | {
      readonly type: 'review'
      readonly id: number
      readonly body: Uint8Array
      readonly path: string
      /** The answer to `namespace`; absent until it was asked. */
      readonly namespace?: { readonly object: JsonObject | undefined }
    }

/** What a worker answers. */
export type FromWorker =
  /** The thread runs; said once, after the configurations that were there when it began. */
  | { readonly type: 'ready' }
  | { readonly type: 'reviewed'; readonly id: number; readonly generation: number; readonly reviewed: Reviewed }
  /** The platform needs the Namespace object: the review is to be sent again with it. */
  | { readonly type: 'namespace'; readonly id: number; readonly name: string }
