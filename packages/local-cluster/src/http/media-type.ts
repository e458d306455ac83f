/** One entry of an Accept header. */
export interface MediaType {
  /** `application/json` */
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

export function parseMediaType(text: string): MediaType {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim())
  return {
    type: type.toLowerCase(),
    parameters: new Map(
      parameters.map((one): [string, string] => {
        const at = one.indexOf('=')
        return at < 0
          ? [one.toLowerCase(), '']
          : [
              one.slice(0, at).trim().toLowerCase(),
              one
                .slice(at + 1)
                .trim()
                .replace(/^"(.*)"$/, '$1'),
            ]
      }),
    ),
  }
}

/** What the client wants, best first. */
export function parseAccept(header: string | undefined): readonly MediaType[] {
  if (header === undefined || header.trim() === '') return [parseMediaType('*/*')]
  const types = header.split(',').map((one) => parseMediaType(one.trim()))
  return types.toSorted((left, right) => quality(right) - quality(left))
}

function quality({ parameters }: MediaType): number {
  const value = Number(parameters.get('q') ?? '1')
  return Number.isFinite(value) ? value : 1
}

/** How an answer is written. */
export interface AnswerFormat {
  readonly encoding: 'json' | 'yaml'
  readonly pretty: boolean
  /** `Table` or `PartialObjectMetadata(List)` instead of the objects. */
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | undefined
  /** Version of meta.k8s.io for `as`. */
  readonly version: string
}

const WATCHED: ReadonlySet<string> = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'])

/** The first of the client's wishes that can be met; undefined when none can (it knows only protobuf, say). */
export function chooseFormat(accept: readonly MediaType[], pretty: boolean): AnswerFormat | undefined {
  for (const { type, parameters } of accept) {
    const encoding = encodingOf(type)
    if (encoding === undefined) continue
    const as = parameters.get('as')
    const group = parameters.get('g')
    if (as === undefined) return { encoding, pretty, as: undefined, version: '' }
    const version = parameters.get('v') ?? ''
    if (group !== 'meta.k8s.io' || !WATCHED.has(as) || (version !== 'v1' && version !== 'v1beta1')) continue
    return { encoding, pretty, as: as as 'Table', version }
  }
  return undefined
}

function encodingOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json'
  return type === 'application/yaml' ? 'yaml' : undefined
}

export const ACCEPTED = 'application/json, application/yaml'
