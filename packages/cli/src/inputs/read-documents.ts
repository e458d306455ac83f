import { type Json, parseYaml, YamlError } from '@proa/kube'
import { CliError } from '../cli-error.ts'
import { type DocumentSpan, documentSpans } from '../edit/documents.ts'
import type { TextFile } from './read-files.ts'

/** One document of a file and what it says. */
export interface InputDocument {
  readonly file: TextFile
  readonly span: DocumentSpan
  readonly value: Json
}

/** A file with all its documents. */
export interface InputFile {
  readonly file: TextFile
  readonly documents: readonly InputDocument[]
}

/**
 * Reads every document of a file, each once.
 * @throws CliError with file, document and line when one is not YAML.
 */
export function readDocuments(file: TextFile): InputFile {
  const spans = documentSpans(file.text)
  const documents = spans.map((span): InputDocument => {
    try {
      return { file, span, value: parseYaml(file.text.slice(span.start, span.end)) }
    } catch (error) {
      if (error instanceof YamlError) throw notYaml(file, span, spans.length, error)
      throw error
    }
  })
  return { file, documents }
}

function notYaml(file: TextFile, span: DocumentSpan, count: number, error: YamlError): CliError {
  const position = error.line > 0 ? { line: span.line + error.line - 1, column: error.column } : { line: span.line }
  const place = { file: file.name, ...(count > 1 ? { document: span.index + 1 } : {}), ...position }
  return new CliError(`this is not YAML: ${error.reason}`, {
    place,
    cause: error,
    hint: 'Correct the file; nothing was written.',
  })
}
