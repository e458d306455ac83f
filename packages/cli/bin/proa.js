#!/usr/bin/env node
// Plain JavaScript that old versions of Node.js can read: it finds a Node.js that is new enough and starts the program.
import module from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) {
  module.enableCompileCache?.()
  try {
    await import('../dist/proa.js')
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('proa.js')) throw error
    process.stderr.write('error: proa is not built yet\n  Run "npm install" or "npm run build" in the checkout.\n')
    process.exitCode = 2
  }
} else {
  const { runWithNewerNode } = await import('./newer-node.js')
  await runWithNewerNode(process.argv[1])
}
