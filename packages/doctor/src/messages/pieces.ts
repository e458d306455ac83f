/**
 * A pasted text, taken apart: terminals, logs, `kubectl describe`, JSON and YAML each wrap and escape a message in their own way.
 */
export interface Piece {
  /**
   * `call`: a webhook could not be called. `denial`: a webhook was called and said no. `plain`: anything else, where every kind
   * of message may stand.
   */
  readonly kind: 'call' | 'denial' | 'plain'
  /** In one line. */
  readonly text: string
  readonly failedOpen: boolean
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]{0,20}m`, 'g')

/** More than any paste; a log of this size is read by its lines. */
const LONGEST_TEXT = 1_000_000
/** The API server cuts messages of Events at 1,024 bytes; a Status may be longer. */
const LONGEST_PIECE = 8_000

const ANCHORS =
  /failed calling (?:admission )?webhook|rejected by webhook "|admission webhook "[^"\s]{1,300}" denied|\bError creating\b|\bError from server\b|\bcreate Pod \S{1,300} in StatefulSet\b|ValidatingAdmissionPolicy '/gi
const DENIAL = /^admission webhook "[^"\s]{1,300}" denied/i
const CALL = /^failed calling/i
const PREFIX = /failing (open|closed)/i

/** Lines that begin something else: another event of `kubectl describe`, a log entry, a field of an object. */
const NEW_ENTRY =
  /^\s*(?:- )?(?:(?:Normal|Warning) {2,}|[IWEFD]\d{4} \d\d:|\d{4}-\d\d-\d\d[T ]\S{5,40}\s+(?:std(?:out|err)\b|debug\b|info\b|warn|error\b|[IWEFD]\d{4}\b|[{[])|"?(?:apiVersion|code|count|eventTime|firstTimestamp|involvedObject|items|kind|lastTimestamp|lastTransitionTime|lastUpdateTime|metadata|reason|reportingComponent|reportingInstance|source|type|message|note)"?:(?:\s|$|"))/

/** Every piece that may be a message, in the order of the text. */
export function piecesOf(text: string): readonly Piece[] {
  return entriesOf(unescaped(text.slice(0, LONGEST_TEXT))).flatMap(piecesOfEntry)
}

/** Escapes of JSON, of Go's %q and of YAML, quotes of chat programs, colours of terminals, and passwords in URLs are undone. */
export function unescaped(text: string): string {
  return text
    .replace(COLOURS, '')
    .replace(/\\\r?\n[ \t]*\\?/g, '')
    .replace(/\\+(["'nrt/]|u0026|u003c|u003e|u0022)?/g, unescapeOne)
    .replace(/&quot;|&#34;|[\u201c\u201d\u201e]/g, '"')
    .replace(/\/\/[^\s/@"]+@/g, '//')
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\n'],
  ['t', ' '],
  ['u0026', '&'],
  ['u003c', '<'],
  ['u003e', '>'],
  ['u0022', '"'],
])

function unescapeOne(match: string, escaped: string | undefined): string {
  return escaped === undefined ? match : (ESCAPES.get(escaped) ?? escaped)
}

/** Lines that belong together, joined: YAML and terminals break long ones. */
function entriesOf(text: string): readonly string[] {
  const entries: string[][] = []
  for (const line of text.split(/\r?\n/)) {
    const last = entries.at(-1)
    if (last === undefined || line.trim() === '' || NEW_ENTRY.test(line)) entries.push([line.trim()])
    else last.push(line.trim())
  }
  // One object of JSON in one line has several messages.
  return entries.flatMap((lines) => lines.join(' ').split(/",\s?(?="\w{1,40}":)/))
}

function piecesOfEntry(entry: string): readonly Piece[] {
  const starts = [...entry.matchAll(ANCHORS)].map((match) => match.index)
  const bounds = starts[0] === 0 ? starts : [0, ...starts]
  const pieces: Piece[] = []
  let failedOpen = false
  for (const [index, start] of bounds.entries()) {
    const text = entry.slice(start, Math.min(bounds[index + 1] ?? entry.length, start + LONGEST_PIECE)).trim()
    const policy = PREFIX.exec(text)?.[1]?.toLowerCase()
    pieces.push({
      kind: DENIAL.test(text) ? 'denial' : CALL.test(text) ? 'call' : 'plain',
      text,
      failedOpen: policy === 'open' || (policy === undefined && failedOpen),
    })
    failedOpen = policy === 'open'
  }
  return pieces
}
