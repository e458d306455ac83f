import { compileTemplate, goKind, isHostObject, type Value } from '@proa/go-template'
import { functionsFor } from '../config/compile.ts'
import type { CompiledTemplate, Configuration } from '../config/types.ts'
import { otelReadsImage } from '../functions/otel.ts'
import { newRenderContext } from '../render/context.ts'
import { MARK, PLAIN_MARK, WHOLE_MARK } from './pattern.ts'
import { LONGEST_PLAIN_WORD } from './shape.ts'

/** The configuration with templates that notice when a marked word is looked at. */
export interface WatchedConfiguration {
  readonly configuration: Configuration
  /**
   * Runs an injection and tells whether any function looked at a marked word, or may give another result next time.
   *
   * @param knows whether a text stands in what words never stand in
   */
  looksAtWords(knows: (text: string) => boolean, run: () => void): boolean
}

/** Shapes are learned one by one, and what each renders to is parsed once. */
const REMEMBERED_TEXTS = 4

export function watchTemplates(configuration: Configuration): WatchedConfiguration {
  let looked = false
  let knows: (text: string) => boolean = () => false
  let steps = 0
  const mayHold = (value: Value): boolean => holdsMark(value, 0, () => ++steps > MOST_STEPS)
  const render = newRenderContext(REMEMBERED_TEXTS)
  const { minor, env } = configuration
  const functions = functionsFor(render, minor, env)
  const onCall = (name: string, args: readonly Value[]): void => {
    const own = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (looked) return
    looked = own?.pure === false || OUT_OF_SIGHT.has(name) || !carries(name, args, knows, mayHold)
  }
  const templates = new Map<string, CompiledTemplate>()
  for (const { name, text } of configuration.templates.values()) {
    let compiled: CompiledTemplate['template'] | undefined
    templates.set(name, {
      name,
      text,
      get template() {
        compiled ??= compileTemplate('inject', text, { functions, onCall })
        return compiled
      },
    })
  }
  return {
    configuration: { ...configuration, templates, render },
    looksAtWords(known, run) {
      looked = false
      steps = 0
      knows = known
      run()
      return looked
    },
  }
}

/**
 * Functions that hand texts on as they are, as a whole or as a part of others, or look only at what words never are:
 * numbers, and whether there is anything at all.
 */
const CARRIERS: ReadonlySet<string> = new Set([
  ...['print', 'println', 'quote', 'squote', 'toString', 'indent', 'nindent', 'join'],
  ...['default', 'valueOrDefault', 'coalesce', 'ternary', 'empty', 'not'],
  ...['list', 'append', 'prepend', 'concat', 'first', 'last', 'rest', 'initial'],
  ...['toJSON', 'toJson', 'toJsonMap', 'structToJSON', 'toYaml', 'mergeMaps', 'omitNil'],
  ...['includeInboundPorts', 'applicationPorts'],
])
/** These take keys, by which nothing is looked up but what the template names. */
const LOOKUPS: ReadonlySet<string> = new Set(['annotation', 'isset', 'hasKey', 'get', 'omit'])
/** Keys and values in turn. */
const PAIRS: ReadonlySet<string> = new Set(['dict', 'strdict'])
/** These render texts with the data of the template, where nobody watches. */
const OUT_OF_SIGHT: ReadonlySet<string> = new Set(['render'])
/** These take off what no plain word begins or ends with. */
const TRIMMERS: ReadonlySet<string> = new Set(['trimSuffix', 'trimPrefix', 'trimAll', 'trimall'])
const NO_END_OF_A_WORD = /^[^a-z0-9]*$/
/** A width or a precision would look at the length. */
const PLAIN_FORMAT = /^(?:[^%]|%[svdqt%])*$/

function carries(
  name: string,
  args: readonly Value[],
  knows: (text: string) => boolean,
  mayHold: (value: Value) => boolean,
): boolean {
  if (CARRIERS.has(name) || !args.some(mayHold)) return true
  const [first, second] = args
  if (LOOKUPS.has(name)) return typeof first !== 'string' && !args.slice(1).some(mayHold)
  if (PAIRS.has(name)) return !args.some((arg, index) => index % 2 === 0 && mayHold(arg))
  if (TRIMMERS.has(name)) return isPlainWord(second) && typeof first === 'string' && NO_END_OF_A_WORD.test(first)
  switch (name) {
    case 'len':
      return typeof first !== 'string'
    case 'index':
      // One step into a list or a map; two could end inside a text.
      return args.length === 2 && typeof first !== 'string' && !mayHold(second)
    case 'printf':
      return typeof first === 'string' && !mayHold(first) && PLAIN_FORMAT.test(first)
    case 'trim':
      return isPlainWord(first)
    case 'trunc':
      return isPlainWord(second) && typeof first === 'bigint' && first >= LONGEST_PLAIN_WORD
    case 'eq':
    case 'ne':
      return args.every((arg) => isWord(arg) || (typeof arg === 'string' && !arg.includes(MARK) && knows(arg)))
    case 'otelResourceAttributes':
      return !otelReadsImage(args)
    default:
      return false
  }
}

/** A word and nothing else. */
function isWord(value: Value | undefined): boolean {
  return typeof value === 'string' && WHOLE_MARK.test(value)
}

/** A plain word and nothing else. */
function isPlainWord(value: Value | undefined): boolean {
  return typeof value === 'string' && PLAIN_MARK.test(value)
}

/** Messages of the mesh; all other structs are the Pod or parts of it. */
const MESSAGE_TYPES = 'v1alpha1.'
/** A template can build data that holds itself, or one part again and again. */
const MOST_STEPS = 100_000
const DEEPEST = 100

/** Whether a value may hold a marked word. Of the Pod's structs it is taken for granted, and of what takes too long. */
function holdsMark(value: Value, depth: number, isTooLong: () => boolean): boolean {
  if (typeof value === 'string') return value.includes(MARK)
  if (typeof value !== 'object' || value === null) return false
  if (depth > DEEPEST || isTooLong()) return true
  const below = (item: Value): boolean => holdsMark(item, depth + 1, isTooLong)
  if (Array.isArray(value)) return value.some(below)
  if (!isHostObject(value)) return Object.values(value).some((item) => below(item as Value))
  switch (value[goKind]) {
    case 'map':
      return value.keys().some((key) => key.includes(MARK) || below(value.get(key)))
    case 'struct':
      return !value.typeName.startsWith(MESSAGE_TYPES)
    default:
      return false
  }
}
