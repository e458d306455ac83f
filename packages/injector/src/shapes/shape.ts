import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { ANNOTATION, CONTAINER, LABEL } from '../names.ts'
import type { InjectionRequest } from '../request.ts'

/**
 * A request with the names in it replaced by holes. Requests of one shape differ only in words that an injection carries
 * around without looking at them: the names of workloads, Pods and containers, the values of labels, images, arguments.
 */
export interface Shape {
  /** The request as JSON, with holes. */
  readonly key: string
  /** What stood in the holes: hole `n` holds `words[n]`; undefined where a candidate stayed as it is. */
  readonly words: readonly (string | undefined)[]
}

/** In front of the number of a hole. Neither stands in JSON as it is. */
const PLAIN_HOLE = '\u0001'
const OPAQUE_HOLE = '\u0002'
const HOLE = new RegExp(`[${PLAIN_HOLE}${OPAQUE_HOLE}].`, 'gs')
/** The number of a hole is one character, and one that no word has: words are looked for beside holes. */
const FIRST_NUMBER = 0xa1
const MOST_WORDS = 40
/** Each word is looked for in the whole request, so a long one has fewer: so many characters are gone through at most. */
const MOST_CHARACTERS = 200_000
const SHORTEST_WORD = 4
/** Templates cut names at 63 characters, which is also the longest value of a label. */
export const LONGEST_PLAIN_WORD = 63
const LONGEST_OPAQUE_WORD = 1024

/**
 * A word that is a plain scalar wherever a template puts it, whatever stands around it: no such text is a number, a
 * boolean or null to YAML, and none needs quotes.
 */
const PLAIN = /^[a-z0-9](?:[a-z0-9-]*[g-np-wyz][a-z0-9-]*)?[a-z0-9]$/
const NEEDS_A_LETTER = /[g-np-wyz]/
const KEYWORDS = ['true', 'null', 'false']
/** Without the hyphen before it, so that no word reaches from the name into the hash and repeats there. */
const HASH = /^[a-z0-9]+$/
/** A text that is the same in JSON as it is. */
const UNESCAPED = /^[ !#-[\]-~]+$/

interface Candidate {
  readonly word: string
  /** The word may be anything, as the injection must not show it anywhere. */
  readonly opaque: boolean
}

interface Places {
  readonly candidates: Map<string, Candidate>
  /** Texts that may hold words. A word that stands anywhere else is none, also across the end of one. */
  readonly texts: string[]
}

/**
 * The shape of a request; undefined where nothing in it can be left open.
 *
 * @param text the request as JSON
 * @param isFresh whether a word stands in nothing that the configuration holds: what is compared with it is never equal
 */
export function shapeOf(
  text: string,
  request: InjectionRequest,
  isFresh: (word: string) => boolean,
): Shape | undefined {
  const { candidates, texts } = placesOf(request.pod)
  const all = [...candidates.values()].slice(0, Math.floor(MOST_CHARACTERS / text.length))
  const words: (string | undefined)[] = all.map(() => undefined)
  let key = text
  let inside = JSON.stringify(texts)
  const hasEscapes = text.includes('\\')
  let found = false
  // The longest first, so that a word that is a part of another one does not take it apart.
  const order = all.map((_, number) => number).sort((a, b) => wordAt(all, b).length - wordAt(all, a).length)
  for (const number of order) {
    const { word, opaque } = all[number] as Candidate
    if (!isFresh(word)) continue
    const parts = key.split(word)
    if (parts.length === 1) continue
    // The texts have had the same holes made in them, so that both counts are of what is still there.
    const partsInside = inside.split(word)
    if (partsInside.length !== parts.length || (hasEscapes && cutsEscape(parts))) continue
    const hole = (opaque ? OPAQUE_HOLE : PLAIN_HOLE) + String.fromCharCode(FIRST_NUMBER + number)
    key = parts.join(hole)
    inside = partsInside.join(hole)
    words[number] = word
    found = true
  }
  return found ? { key, words } : undefined
}

/** Whether a word begins inside an escape of JSON: `nabc` is no word of `"\nabc"`. */
function cutsEscape(parts: readonly string[]): boolean {
  return parts.some((part, index) => index < parts.length - 1 && /\\(?:u[0-9a-f]{0,3})?$/.test(part.slice(-5)))
}

function wordAt(all: readonly Candidate[], number: number): string {
  return all[number]?.word ?? ''
}

/** The request of a shape with other words in the holes. */
export function fillShape(key: string, fill: (number: number, opaque: boolean) => string): string {
  return key.replace(HOLE, (hole) => fill(hole.charCodeAt(1) - FIRST_NUMBER, hole.charAt(0) === OPAQUE_HOLE))
}

/** Which places of a Pod may hold words: those that the injection hands on and never looks into. */
function placesOf(pod: JsonObject): Places {
  const places: Places = { candidates: new Map(), texts: [] }
  if (isObject(pod.metadata)) namesOf(pod.metadata, places)
  const containers = isObject(pod.spec) && isArray(pod.spec.containers) ? pod.spec.containers.filter(isObject) : []
  const hasFreeName = containers.length === 1 && !comparesNames(pod)
  for (const container of containers) {
    if (container.name === CONTAINER.proxy) continue
    if (hasFreeName) offer(container.name, places)
    offerOpaque(container.image, places)
    for (const list of [container.args, container.command]) {
      if (isArray(list)) for (const item of list) offerOpaque(item, places)
    }
    if (!isArray(container.env)) continue
    for (const variable of container.env) if (isObject(variable)) offerOpaque(variable.value, places)
  }
  return places
}

const HANDLERS = ['readinessProbe', 'livenessProbe', 'startupProbe', 'lifecycle'] as const

/**
 * Whether the name of the one container is compared with others: the probes of containers are told to the agent sorted
 * by their names, and an earlier injection left the names of its own.
 */
function comparesNames({ metadata, spec }: JsonObject): boolean {
  const annotations = isObject(metadata) && isObject(metadata.annotations) ? metadata.annotations : {}
  if (Object.hasOwn(annotations, ANNOTATION.status) || Object.hasOwn(annotations, ANNOTATION.overrides)) return true
  const others = isObject(spec) && isArray(spec.initContainers) ? spec.initContainers.filter(isObject) : []
  return others.some(
    (container) => container.name === CONTAINER.proxy || HANDLERS.some((field) => Object.hasOwn(container, field)),
  )
}

function namesOf(metadata: JsonObject, places: Places): void {
  offer(metadata.name, places)
  const labels = isObject(metadata.labels) ? metadata.labels : {}
  if (isArray(metadata.ownerReferences)) {
    const hashes = [labels[LABEL.podTemplateHash], labels[LABEL.rolloutsPodTemplateHash]].filter((hash) => hash)
    for (const reference of metadata.ownerReferences) if (isObject(reference)) offerOwner(reference, hashes, places)
  }
  const { generateName } = metadata
  if (typeof generateName === 'string') {
    places.texts.push(generateName)
    if (![...places.candidates.keys()].some((word) => generateName.startsWith(word))) {
      offerWord(generateName.endsWith('-') ? generateName.slice(0, -1) : generateName, places)
    }
  }
  for (const [key, value] of Object.entries(labels)) if (!key.includes('istio')) offer(value, places)
}

/**
 * A ReplicaSet is named after its Deployment and the hash in a label, and whether it is decides what the Pod belongs to.
 * So these two are texts of their own: no word goes from one into the other. A Job's name may hold a time.
 */
function offerOwner({ kind, name, uid }: JsonObject, hashes: readonly (Json | undefined)[], places: Places): void {
  if (typeof name !== 'string' || kind === 'Job') return
  offerOpaque(uid, places)
  const [hash, another] = hashes
  if (kind !== 'ReplicaSet' || hash === undefined) offer(name, places)
  else if (another !== undefined || typeof hash !== 'string') return
  else if (!name.endsWith(hash)) offer(name, places)
  else if (HASH.test(hash) && name.endsWith(`-${hash}`)) {
    places.texts.push(hash)
    offer(name.slice(0, -hash.length - 1), places)
  }
}

function offer(value: Json | undefined, places: Places): void {
  if (typeof value !== 'string') return
  places.texts.push(value)
  offerWord(value, places)
}

function offerWord(word: string, places: Places): void {
  if (mayHaveMore(places) && isPlain(word) && !places.candidates.has(word))
    places.candidates.set(word, { word, opaque: false })
}

function offerOpaque(value: Json | undefined, places: Places): void {
  if (typeof value !== 'string' || value.length > LONGEST_OPAQUE_WORD) return
  places.texts.push(value)
  if (!mayHaveMore(places) || value.length < SHORTEST_WORD || places.candidates.has(value) || !UNESCAPED.test(value))
    return
  places.candidates.set(value, { word: value, opaque: !isPlain(value) })
}

function mayHaveMore({ candidates }: Places): boolean {
  return candidates.size < MOST_WORDS
}

function isPlain(word: string): boolean {
  const { length } = word
  if (length < SHORTEST_WORD || length > LONGEST_PLAIN_WORD || !PLAIN.test(word) || !NEEDS_A_LETTER.test(word))
    return false
  return !KEYWORDS.some((keyword) => keyword.includes(word))
}
