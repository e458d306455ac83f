import { createInterface } from 'node:readline'
import type { JsonObject } from '@proa/kube'
import { program } from './bundle.ts'
import { startLeashed } from './leashed.ts'
import { type Listening, listeningIn, logLine } from './log-lines.ts'

export interface InjectorProcess {
  readonly pid: number
  readonly port: number
  readonly statusUrl: string
  readonly log: readonly JsonObject[]
  readonly exited: Promise<unknown>
  /** SIGKILL. */
  end(): Promise<void>
}

export interface InjectorProcessOptions {
  /** Those of the container in the Deployment. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Address of this machine that the API server reaches. */
  readonly address: string
}

/** Starts what the container of an injector's Pod would run, and waits until it listens. */
export async function startInjector({ args, env, address }: InjectorProcessOptions): Promise<InjectorProcess> {
  const here = args.map((argument) =>
    argument
      .replace(/^--https-address=.*$/, `--https-address=${address.includes(':') ? `[${address}]` : address}:0`)
      .replace(/^--metrics-address=.*$/, '--metrics-address=127.0.0.1:0'),
  )
  const flags = [...program(), ...here, '--log-format=json']
  const { PATH, HOME } = process.env
  const { child, exited, end } = startLeashed(process.execPath, flags, { PATH, HOME, ...env })
  const log: JsonObject[] = []
  const listening = new Promise<Listening>((resolve, reject) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        const parsed = logLine(line)
        log.push(parsed)
        const found = listeningIn(parsed)
        if (found !== undefined) resolve(found)
      })
    }
    const ended = () => reject(new Error(`the injector ended before it listened: ${JSON.stringify(log)}`))
    void exited.then(ended, ended)
  })
  const { pid, port, statusUrl } = await listening
  return { pid, port, statusUrl, log, exited, end }
}
