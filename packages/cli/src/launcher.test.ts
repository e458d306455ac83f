import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { workspace } from '../testing/workspace.ts'

const bin = join(import.meta.dirname, '../bin')
const launcher = join(bin, 'proa.js')

/** The real bundle in a process of its own; `npm test` builds it first. */
function proa(args: readonly string[], input = '') {
  return spawnSync(process.execPath, [launcher, ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
}

const pod =
  'kind: Pod\nmetadata: {name: a, labels: {sidecar.istio.io/inject: "false"}}\nspec: {containers: [{name: a}]}\n'

describe('the bundled command', () => {
  it('reads standard input and passes exit codes on', () => {
    expect(proa(['version'])).toMatchObject({ status: 0, stderr: '' })
    expect(proa(['explain', '-f', '-', '--expect', 'skipped'], pod)).toMatchObject({ status: 0, stderr: '' })
    expect(proa(['explain', '-f', '-', '--expect', 'injected'], pod).status).toBe(1)
    expect(proa(['explain', '-f', '-'], 'a: [')).toMatchObject({ status: 2, stdout: '' })
    expect(proa(['explode'])).toMatchObject({ status: 64, stdout: '' })
  })

  it('does not mind a reader that goes away', async () => {
    const many = Array.from({ length: 3000 }, () => pod).join('---\n')
    const child = spawn(process.execPath, [launcher, 'explain', '-f', '-'], { stdio: ['pipe', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk)
    })
    child.stdout.once('data', () => child.stdout.destroy())
    child.stdin.end(many)
    const code = await new Promise((resolve) => child.on('exit', resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('the launcher on an old Node.js', () => {
  /** What bin/proa.js does on a Node.js that is too old, run on this one. */
  function launch(script: string, env: Record<string, string> = {}) {
    const start = `import { runWithNewerNode } from ${JSON.stringify(join(bin, 'newer-node.js'))}; await runWithNewerNode(${JSON.stringify(script)})`
    return spawnSync(process.execPath, ['--input-type=module', '-e', start, 'proa.js', 'one', 'two words'], {
      encoding: 'utf8',
      input: 'from stdin',
      env: { ...process.env, ...env },
    })
  }

  const script = `
    import { readFileSync } from 'node:fs'
    process.stdout.write(JSON.stringify(process.argv.slice(2)) + readFileSync(0, 'utf8'))
    process.stderr.write('to stderr')
    if (process.argv[2] === 'one') process.exitCode = 7
  `

  it('starts itself again with the Node.js of the installation: arguments, streams and exit code pass through', () => {
    const { folder } = workspace()
    writeFileSync(join(folder, 'script.mjs'), script)
    expect(launch(join(folder, 'script.mjs'))).toMatchObject({
      status: 7,
      stdout: '["one","two words"]from stdin',
      stderr: 'to stderr',
    })
  })

  it('ends by the signal that ended the program', () => {
    const { folder } = workspace()
    writeFileSync(join(folder, 'script.mjs'), "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 10000)")
    expect(launch(join(folder, 'script.mjs')).signal).toBe('SIGTERM')
  })

  it('says what is needed when there is none, and never starts itself for ever', () => {
    const result = launch('unused.mjs', { PROA_NODE_CHOSEN: '1' })
    expect(result.status).toBe(2)
    expect(result.stderr).toContain('proa needs Node.js 22.18 or later')
    expect(result.stderr).toContain('npm install')
  })
})
