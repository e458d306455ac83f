/** A newline is never part of another character in UTF-8, so that bytes can be cut there wherever the network cut them. */
const NEWLINE = 0x0a

/** Far more than etcd takes for one object. */
const LONGEST_LINE = 32 * 1024 * 1024

/**
 * The lines of a stream of chunks, as text, without empty ones.
 *
 * @throws Error when the stream ends in the middle of a line, or a line has no end
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...rest, bytes.subarray(start, end)]).toString('utf8')
      rest = []
      length = 0
      start = end + 1
      if (line.trim() !== '') yield line
    }
    if (start === bytes.length) continue
    rest.push(bytes.subarray(start))
    length += bytes.length - start
    if (length > LONGEST_LINE) throw new Error(`a line is longer than ${LONGEST_LINE} bytes`)
  }
  if (length > 0) throw new Error('the stream ended in the middle of a line')
}
