import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'

/** The version in the manifest of the package, which lies above the bundle as it does above the sources. */
export function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    const manifest = readManifest(new URL(path, import.meta.url))
    if (manifest !== undefined) return manifest
  }
  return 'unknown'
}

function readManifest(url: URL): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(url, 'utf8'))
    if (typeof manifest !== 'object' || manifest === null) return undefined
    if (!('name' in manifest && manifest.name === 'proa' && 'version' in manifest)) return undefined
    return String(manifest.version)
  } catch {
    return undefined
  }
}

export function addVersionCommand(program: Command, context: Context): void {
  program
    .command('version')
    .summary('print the version')
    .description('Prints the version of proa and of the Node.js that runs it.')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .action((options: { output: 'text' | 'json' }) => {
      const node = process.versions.node
      const text =
        options.output === 'json' ? JSON.stringify({ version: version(), node }) : `proa ${version()}, Node.js ${node}`
      context.stdout.write(`${text}\n`)
    })
}
