import { type FunctionMap, type GoMap, type GoStruct, goFunction, type Value } from '@proa/go-template'
import { sprigFunctions } from '@proa/go-template/sprig'
import { behaves } from '../behaviour.ts'
import { formatDuration } from '../mesh/index.ts'
import { jsonFunctions } from './json.ts'
import { mapFunctions } from './maps.ts'
import { appendMultusNetwork } from './multus.ts'
import { enrichesServiceAttributes, otelResourceAttributes } from './otel.ts'
import { portFunctions } from './ports.ts'
import { annotationOrDefault, textFunctions } from './strings.ts'
import { asStruct } from './struct.ts'

export interface FunctionOptions {
  readonly minor: number
  /** What `env` reads; nothing is set when it always returns undefined. */
  readonly env: (name: string) => string | undefined
  /** Told of every text that a template turns into structure on purpose. */
  readonly onStructure: (text: string) => void
  /** Renders a text with the data of the render that is under way; "" where it fails. */
  readonly renderText: (text: string) => string
}

/** The functions that injection templates may call: sprig's, and Istio's own over them. */
export function injectionFunctions(options: FunctionOptions): FunctionMap {
  const { minor, env, onStructure, renderText } = options
  const sprig = sprigFunctions({ env })
  const json = jsonFunctions(minor, onStructure)
  return {
    ...sprig,
    ...(sprig.lower === undefined ? {} : { toLower: sprig.lower }),
    ...textFunctions,
    ...portFunctions,
    ...mapFunctions,
    ...json,
    // `toJson` was Istio's own until sprig's took its place.
    ...(behaves(minor, 'sprigToJson') || json.toJSON === undefined ? {} : { toJson: json.toJSON }),
    ...(behaves(minor, 'forgotRender') ? {} : { render: goFunction(['string'], renderText) }),
    annotation: goFunction(['v1.ObjectMeta', 'string', 'any'], (meta: GoStruct, name: string, fallback: Value) =>
      annotationOrDefault(annotationsOf(meta), name, fallback),
    ),
    appendMultusNetwork: goFunction(['string', 'string'], (existing: string, network: string) =>
      appendMultusNetwork(existing, network, minor),
    ),
    env: goFunction(['string', 'string'], (name: string, fallback: string) => env(name) || fallback),
    formatDuration: goFunction(['any'], formatDuration),
    otelResourceAttributes: goFunction(['any', 'stringMap', 'stringMap', 'string', '[]v1.Container'], otel),
  }
}

function annotationsOf(meta: GoStruct): GoMap | undefined {
  const annotations = meta.field('Annotations')
  return typeof annotations === 'object' && annotations !== null && 'keys' in annotations && 'zero' in annotations
    ? (annotations as GoMap)
    : undefined
}

function otel(mesh: Value, annotations: GoMap, labels: GoMap, namespace: string, containers: readonly Value[]): string {
  if (!enrichesServiceAttributes(mesh)) return ''
  const named = containers.map((container) => ({
    name: String(asStruct(container)?.field('Name') ?? ''),
    image: String(asStruct(container)?.field('Image') ?? ''),
  }))
  return otelResourceAttributes({ annotations, labels, namespace, containers: named })
}
