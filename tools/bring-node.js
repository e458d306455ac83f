// Plain JavaScript for whatever Node.js the machine has: makes the Node.js 24 that npm installed the one that npm scripts find,
// then builds with it. npm 11 links it by itself; npm 10 links none of several packages that have a `node`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNode } from '../packages/cli/bin/newer-node.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [major, minor] = process.versions.node.split('.').map(Number)
const isNewEnough = major > 22 || (major === 22 && minor >= 18)
const node = findNode(root) ?? (isNewEnough ? process.execPath : undefined)

if (node === undefined) {
  console.error(
    `proa needs Node.js 22.18 or later; this is ${process.versions.node}, and npm has none for this platform.`,
  )
  process.exit(1)
}
linkForScripts(node)
const built = spawnSync(node, [join(root, 'tools', 'build.ts')], { stdio: 'inherit' })
process.exit(built.status ?? 1)

function linkForScripts(target) {
  const folder = join(root, 'node_modules', '.bin')
  const windows = process.platform === 'win32'
  const link = join(folder, windows ? 'node.cmd' : 'node')
  if (existsSync(link) || target === process.execPath) return
  mkdirSync(folder, { recursive: true })
  if (windows) writeFileSync(link, `@"${target}" %*\r\n`)
  else symlinkSync(relative(folder, target), link)
}
