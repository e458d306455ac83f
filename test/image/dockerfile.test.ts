import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseYamlDocuments } from '@proa/kube'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const text = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')

interface Instruction {
  readonly name: string
  readonly rest: string
}

interface Stage {
  readonly image: string
  readonly name: string | undefined
  readonly instructions: readonly Instruction[]
}

function stagesOf(dockerfile: string): Stage[] {
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = []
  for (const line of dockerfile.replace(/\\\n/g, ' ').split('\n')) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    if (name === 'FROM') {
      const [image = '', , alias] = rest.split(/\s+/)
      stages.push({ image, name: alias, instructions: [] })
    } else if (name !== '') stages.at(-1)?.instructions.push({ name, rest })
  }
  return stages
}

const stages = stagesOf(text)
const final = stages.at(-1)
const of = (name: string) => (final?.instructions ?? []).filter((one) => one.name === name).map(({ rest }) => rest)

/** What the final stage takes from the build, and where it puts it. */
const copies = of('COPY').map((rest) => {
  const [, stage = '', from = '', to = ''] = /^--from=(\S+)\s+(\S+)\s+(\S+)$/.exec(rest) ?? []
  return { stage, from: from.replace(/^\/src\//, ''), to }
})

describe('the image', () => {
  it('is built in one stage and runs in another, without a shell and not as root', () => {
    expect(stages.map(({ image }) => image)).toEqual([
      'node:24-bookworm-slim',
      'gcr.io/distroless/nodejs24-debian12:nonroot',
    ])
    expect(of('RUN')).toEqual([])
    expect(of('ADD')).toEqual([])
    // A number, for runAsNonRoot of the Pod cannot be checked against a name.
    expect(of('USER')).toEqual(['65532:65532'])
    expect(copies.every(({ stage }) => stage === stages[0]?.name)).toBe(true)
  })

  it('listens where the manifests expect it', () => {
    expect(of('EXPOSE')).toEqual(['15017 15014'])
  })

  it('holds all that the program needs, and the program runs from there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'proa-image-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const { from, to } of copies) {
      expect(existsSync(join(root, from)), `${from} (run "npm run build" first)`).toBe(true)
      cpSync(join(root, from), join(folder, to), { recursive: statSync(join(root, from)).isDirectory() })
    }
    const script = (JSON.parse(of('ENTRYPOINT')[0] ?? '[]') as string[]).at(-1) ?? ''
    expect(dirname(dirname(script))).toBe(of('WORKDIR')[0])
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [join(folder, 'dist/proa.js'), ...args], { encoding: 'utf8', cwd: folder })
    expect(run('version')).toMatch(/^proa \d+\.\d+\.\d+/)
    expect(run('webhook', '--help')).toContain('--https-address')
    expect(parseYamlDocuments(run('manifests')).length).toBeGreaterThan(10)
  })

  it('does not carry the history or what was built elsewhere into the build', () => {
    const ignored = readFileSync(join(root, 'deploy/Dockerfile.dockerignore'), 'utf8').split('\n')
    expect(ignored).toEqual(expect.arrayContaining(['.git', '**/node_modules', '**/dist']))
  })
})
