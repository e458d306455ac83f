import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Set for the second start, so that an installation that is broken cannot start itself for ever. */
const MARK = 'PROA_NODE_CHOSEN'

/**
 * Runs the script again with the Node.js 24 that `npm install` brought along; streams, arguments, signals and the exit
 * code are those of the new process.
 */
export async function runWithNewerNode(script) {
  const node = process.env[MARK] === undefined ? findNode(dirname(fileURLToPath(import.meta.url))) : undefined
  if (node === undefined) {
    process.stderr.write(
      `error: proa needs Node.js 22.18 or later; this is ${process.versions.node}\n` +
        '  Install Node.js 24, or run "npm install" in the checkout, which brings it along.\n',
    )
    process.exitCode = 2
    return
  }
  const child = spawn(node, [script, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  const forward = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  const [code, signal] = await new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`error: cannot start ${node}: ${error.message}\n`)
      resolve([2, null])
    })
    child.on('exit', (...end) => resolve(end))
  })
  for (const name of signals) process.off(name, forward)
  if (signal === null) process.exitCode = code
  else process.kill(process.pid, signal)
}

/** Looks through the `node_modules` folders above the package, as Node.js does for imports. */
export function findNode(from) {
  const platform = os.platform() === 'win32' ? 'win' : os.platform()
  const names = [`node-${platform}-${os.arch()}`, `node-bin-${platform}-${os.arch()}`]
  const executable = platform === 'win' ? 'node.exe' : 'node'
  for (let folder = from; ; folder = dirname(folder)) {
    for (const name of names) {
      const node = join(folder, 'node_modules', name, 'bin', executable)
      if (existsSync(node)) return node
    }
    if (dirname(folder) === folder) return undefined
  }
}
