import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { isLargeJson } from './large-json.ts'
import { LONGEST_FILE, MOST_BYTES, MOST_FILES, sizeText } from './limits.ts'
import { SnapshotError } from './snapshot-error.ts'

/** One text, from a file, an archive or standard input. */
export interface Text {
  /** For messages: `bug-report.tar.gz:bug-report/cluster/pods`. */
  readonly label: string
  /** Within the folder or archive that was named; the file's own name without one. */
  readonly path: string
  readonly text: string
  /** The same of a large file, which is better not read as one text. */
  readonly bytes?: Buffer | undefined
  /** Named by itself, not found in a folder or an archive. */
  readonly explicit: boolean
  /** When it was last changed, as an archive says. */
  readonly changed?: Date | undefined
}

/** Counts over all files, so that many small ones are as much as a large one. */
export interface Budget {
  bytes: number
  files: number
}

export interface NamedFile {
  readonly file: string
  readonly path: string
  readonly explicit: boolean
}

type Chunks = AsyncIterable<Buffer>

/**
 * The texts of a file: its own, or those of the archive that it is, packed or not.
 *
 * @param isWanted which files of an archive
 * @throws SnapshotError
 */
export async function* textsOf(
  named: NamedFile,
  budget: Budget,
  isWanted: (path: string) => boolean,
): AsyncGenerator<Text> {
  const raw = createReadStream(named.file)
  try {
    const packed = await peek(raw as Chunks, 2)
    const isGzip = packed.head[0] === 0x1f && packed.head[1] === 0x8b
    const plain = isGzip ? unpacked(packed.all, named.file) : packed.all
    const { head, all } = await peek(plain, TAR_HEADER)
    if (isTar(head)) yield* entriesOf(all, named, budget, isWanted)
    else yield whole(named, await collect(all, named.file, budget, { expected: isGzip ? 0 : await sizeOf(named.file) }))
  } finally {
    raw.destroy()
  }
}

function whole({ file, path, explicit }: NamedFile, bytes: Buffer): Text {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4) {
    throw new SnapshotError(file, 'zip archives are not read; unpack it and name the folder')
  }
  const named = { label: file, path: path.replace(/\.gz$/, ''), explicit }
  if (!isLargeJson(bytes)) return { ...named, text: decoded(bytes) }
  return {
    ...named,
    bytes,
    get text() {
      return decoded(bytes)
    },
  }
}

const TAR_HEADER = 512

/** The magic of POSIX and GNU archives stands at 257. */
const isTar = (head: Buffer): boolean => head.length >= 262 && head.subarray(257, 262).toString('latin1') === 'ustar'

interface Peeked {
  readonly head: Buffer
  /** All of it, the head included. */
  readonly all: Chunks
}

async function peek(chunks: Chunks, bytes: number): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]()
  const read: Buffer[] = []
  let length = 0
  while (length < bytes) {
    const next = await iterator.next()
    if (next.done === true) break
    read.push(next.value)
    length += next.value.length
  }
  async function* again(): AsyncGenerator<Buffer> {
    try {
      yield* read
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head: Buffer.concat(read), all: again() }
}

async function* unpacked(chunks: Chunks, file: string): AsyncGenerator<Buffer> {
  const source = Readable.from(chunks)
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Buffer
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined || !code.startsWith('Z_')) throw cause
    throw new SnapshotError(file, `the archive is damaged or cut off (${(cause as Error).message}); fetch it again`, {
      cause,
    })
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

/** Nothing is written to disk, so the names of an archive can lead nowhere; links are passed over. */
async function* entriesOf(
  chunks: Chunks,
  { file }: NamedFile,
  budget: Budget,
  isWanted: (path: string) => boolean,
): AsyncGenerator<Text> {
  const archive = extract()
  const source = Readable.from(chunks)
  source.on('error', (error) => archive.destroy(error))
  source.pipe(archive)
  try {
    for await (const entry of archive) {
      const { name, type, mtime } = entry.header
      const label = `${file}:${name}`
      count(budget, label)
      if ((type === 'file' || type === 'contiguous-file') && isWanted(name)) {
        const bytes = await collect(entry as unknown as Chunks, label, budget, {
          counted: false,
          expected: 0,
        })
        yield { label, path: name, text: decoded(bytes), explicit: false, changed: mtime }
      } else entry.resume()
    }
  } catch (cause) {
    if (cause instanceof SnapshotError) throw cause
    throw new SnapshotError(file, `the archive cannot be read (${(cause as Error).message}); fetch it again`, { cause })
  } finally {
    source.destroy()
    archive.destroy()
  }
}

interface Collected {
  /** Whether the file is still to be counted. */
  readonly counted?: boolean
  /** How long the file is, 0 where nobody reliable says; then its bytes are in memory once, not twice. */
  readonly expected: number
}

async function collect(
  chunks: Chunks,
  label: string,
  budget: Budget,
  { counted = true, expected }: Collected,
): Promise<Buffer> {
  if (counted) count(budget, label)
  let bytes: Buffer = Buffer.allocUnsafe(Math.min(expected, LONGEST_FILE))
  let length = 0
  for await (const chunk of chunks) {
    budget.bytes += chunk.length
    if (length + chunk.length > LONGEST_FILE) {
      throw new SnapshotError(label, `it is longer than ${sizeText(LONGEST_FILE)} (unpacked); give a part of it`)
    }
    if (budget.bytes > MOST_BYTES) {
      throw new SnapshotError(
        label,
        `all files together are more than ${sizeText(MOST_BYTES)} (unpacked); give a part of them`,
      )
    }
    if (length + chunk.length > bytes.length) bytes = grown(bytes, length, length + chunk.length)
    length += chunk.copy(bytes, length)
  }
  return bytes.subarray(0, length)
}

function grown(bytes: Buffer, used: number, wanted: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(wanted, Math.round(bytes.length * 1.5), 64 * 1024))
  bytes.copy(larger, 0, 0, used)
  return larger
}

const sizeOf = async (file: string): Promise<number> => (await stat(file)).size

function count(budget: Budget, label: string): void {
  budget.files += 1
  if (budget.files > MOST_FILES)
    throw new SnapshotError(label, `there are more than ${MOST_FILES} files; name fewer of them`)
}

/** PowerShell writes UTF-16 with a mark in front. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  return new TextDecoder('utf-8').decode(bytes)
}
