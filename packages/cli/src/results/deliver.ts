import type { Json } from '@proa/kube'
import { CliError } from '../cli-error.ts'
import type { ResultOptions } from '../commands/result-options.ts'
import type { Context } from '../context.ts'
import { unifiedDiff } from '../diff/unified.ts'
import { ExitCode } from '../exit-codes.ts'
import { warn } from '../output/report.ts'
import { painterFor } from '../output/style.ts'
import { visible } from '../output/visible.ts'
import { writeFiles } from '../output/write-files.ts'
import type { FileResult } from './changes.ts'

/**
 * Refuses flags that contradict each other, before anything is read.
 * @throws CliError
 */
export function checkResultOptions(options: ResultOptions, filenames: readonly string[]): void {
  const usage = (message: string) => new CliError(message, { exitCode: ExitCode.Usage })
  if (options.inPlace !== true) return
  if (options.output !== undefined) throw usage('--in-place and --output exclude each other')
  if (filenames.includes('-')) throw usage('--in-place needs files: standard input cannot be written back')
}

/**
 * Hands out what came out, all of it computed before: manifests, their difference, or only whether there is one.
 * @param changed one line for each object that changed, for `--check`.
 */
export async function deliver(
  context: Context,
  options: ResultOptions,
  results: readonly FileResult[],
  changed: readonly string[],
): Promise<ExitCode> {
  for (const { file, printedAnew } of results) {
    for (const document of printedAnew) {
      warn(context, { file: file.name, document }, 'the document was too unusual to edit; it lost its comments')
    }
  }
  if (options.diff === true) context.stdout.write(diffOf(context, results))
  else if (options.check === true) context.stdout.write(changed.map((line) => `${visible(line)}\n`).join(''))
  else if (options.inPlace === true) await writeBack(context, results)
  else await print(context, options.output ?? 'yaml', results)
  return options.check === true && changed.length > 0 ? ExitCode.Unmet : ExitCode.Success
}

function diffOf(context: Context, results: readonly FileResult[]): string {
  const paint = painterFor(context.stdout, context.env)
  return results.map(({ file, after }) => unifiedDiff(file.text, after, file.name, paint)).join('')
}

async function writeBack({ cwd }: Context, results: readonly FileResult[]): Promise<void> {
  const changed = results.filter(({ file, after }) => after !== file.text)
  await writeFiles(cwd, new Map(changed.map(({ file, after }) => [file.name, after])))
}

async function print(context: Context, output: string, results: readonly FileResult[]): Promise<void> {
  if (output === 'json') context.stdout.write(asJson(results.flatMap(({ values }) => values)))
  else if (output === 'yaml') context.stdout.write(joinTexts(results))
  else await writeFiles(context.cwd, new Map([[output, joinTexts(results)]]))
}

/** One object as it is; several as a `List`, as kubectl prints them. */
function asJson(values: readonly Json[]): string {
  const objects = values.filter((value) => value !== null)
  const [only] = objects
  const value = objects.length === 1 && only !== undefined ? only : { apiVersion: 'v1', kind: 'List', items: objects }
  return `${JSON.stringify(value, null, 2)}\n`
}

/** The texts of several files as one stream; between two there is a document marker. */
function joinTexts(results: readonly FileResult[]): string {
  let stream = ''
  for (const { after } of results) {
    // A byte order mark is at its place only at the beginning of a stream.
    const text = stream === '' ? after : after.replace(/^\ufeff/, '')
    if (stream !== '' && text !== '') {
      if (!stream.endsWith('\n')) stream += '\n'
      if (!/^(?:%|---(?:\s|$))/.test(text) && !/(?:^|\n)---\s*\n$/.test(stream)) stream += '---\n'
    }
    stream += text
  }
  return stream
}
