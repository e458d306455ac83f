/**
 * Runs a program that ends with whoever started this, even when that one is killed: then standard input is closed.
 * `node leash.ts PROGRAM ARGUMENT…`
 */
import { spawn } from 'node:child_process'

const [program = '', ...args] = process.argv.slice(2)
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
process.stdin.resume().on('close', () => child.kill('SIGKILL'))
child.on('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.on('exit', (code) => process.exit(code ?? 128))
