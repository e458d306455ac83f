import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { JsonObject } from '@proa/kube'
import { objectsAt, textsAt } from '../controllers/fields.ts'
import type { ListeningAddress } from '../network/network.ts'
import { expand } from './environment.ts'
import type { ContainerRunner, PodEnvironment, RunningContainer } from './types.ts'

/** A program of this machine, in place of a container's image. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** On top of the container's own variables. */
  readonly env?: Readonly<Record<string, string>>
}

export interface ProcessRunnerOptions {
  /** Whether a program stands in for this image. */
  matches(image: string): boolean
  /**
   * The program and its arguments. `args` are the container's own (`command` and `args`), with variables expanded and mount
   * paths replaced. Addresses to listen on must become `127.0.0.1:0` here, as Pods share this machine's ports.
   */
  command(args: readonly string[], container: JsonObject, environment: PodEnvironment): Command
  /**
   * What a line of output says about where the program listens: containerPort → address. Until every port of the
   * container's `ports` is known, the container is not ready.
   */
  listening(line: string, container: JsonObject): ReadonlyMap<number, ListeningAddress> | undefined
}

/** Variables of our own environment that a program needs to be found and to run. All others stay here. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot'] as const
/** Variables that say what a program loads: whoever may create Pods must not run code of his own as the user of this machine. */
const LOADS_CODE = /^(?:NODE_|LD_|DYLD_)/i
/** What a shell says of a process that a signal ended: 128 and the signal's number. */
const KILLED = 137
/** The longest delay that a timer of Node.js holds, in milliseconds: beyond it, it would fire at once. */
const LONGEST = 2 ** 31 - 1
/** Milliseconds for the last lines of a process that has ended; longer only somebody else keeps its output open. */
const LAST_WORDS = 1000

/** Runs containers as processes of this machine, in place of their images. */
export function processRunner(options: ProcessRunnerOptions): ContainerRunner {
  return {
    knows: (container) => typeof container.image === 'string' && options.matches(container.image),
    run(container, _pod, environment) {
      const known = new Map(Object.entries(environment.env))
      const own = [...textsAt(container, 'command'), ...textsAt(container, 'args')]
      const args = own.map((text) => environment.path(expand(text, known)))
      const command = options.command(args, container, environment)
      const child = spawn(command.file, command.args, {
        cwd: environment.directory,
        env: { ...inherited(), ...withoutCode(environment.env), KUBECONFIG: environment.kubeconfig, ...command.env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      return watch(child, container, environment, options)
    },
  }
}

function inherited(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function withoutCode(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !LOADS_CODE.test(name)))
}

function watch(
  child: ChildProcess,
  container: JsonObject,
  environment: PodEnvironment,
  options: ProcessRunnerOptions,
): RunningContainer {
  const ports = Promise.withResolvers<ReadonlyMap<number, ListeningAddress>>()
  const exited = Promise.withResolvers<number>()
  const found = new Map<number, ListeningAddress>()
  const wanted = objectsAt(container, 'ports').flatMap((port) =>
    typeof port.containerPort === 'number' ? [port.containerPort] : [],
  )
  const settle = () => {
    if (wanted.every((port) => found.has(port))) ports.resolve(found)
  }
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      environment.log(line)
      for (const [port, address] of options.listening(line, container) ?? []) found.set(port, address)
      settle()
    })
  }
  child.on('error', (error) => {
    environment.log(error.message)
    exited.resolve(128)
  })
  child.on('exit', (code) => {
    const cut = setTimeout(() => {
      for (const stream of [child.stdout, child.stderr]) stream?.destroy()
    }, LAST_WORDS)
    child.on('close', () => {
      clearTimeout(cut)
      exited.resolve(code ?? KILLED)
    })
  })
  settle()
  exited.promise.then(() => ports.reject(new Error('the container ended before it listened')))
  // Whoever does not wait for the ports need not hear that there are none.
  ports.promise.catch(() => {})
  return {
    ports: ports.promise,
    exited: exited.promise,
    async stop(gracePeriodSeconds) {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), Math.min(gracePeriodSeconds * 1000, LONGEST))
      await exited.promise
      clearTimeout(kill)
    },
  }
}
