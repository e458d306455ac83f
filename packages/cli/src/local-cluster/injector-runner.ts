import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ContainerRunner, processRunner } from '@proa/local-cluster'
import { DEFAULT_IMAGE, HTTPS_PORT, METRICS_PORT } from '@proa/manifests'

/**
 * Runs the injector's containers as processes of this very program, whatever the tag of the image.
 * @param program arguments of Node.js that run it
 */
export function injectorRunner(program: readonly string[] = thisProgram()): ContainerRunner {
  const [image = ''] = DEFAULT_IMAGE.split(/:[^/]*$/)
  return processRunner({
    matches: (name) => name.split(/[:@][^/]*$/)[0] === image,
    command: (args) => ({ file: process.execPath, args: [...program, ...args.map(onAnyPort), '--log-format=json'] }),
    listening: (line) => portsIn(line),
  })
}

/** The bundle beside the chunk that this is a part of, or the sources. */
function thisProgram(): readonly string[] {
  const bundle = join(import.meta.dirname, '..', 'proa.js')
  if (existsSync(bundle)) return [bundle]
  return ['--conditions=proa:source', join(import.meta.dirname, '..', 'main.ts')]
}

/** Pods have addresses of their own in a real cluster; here they share one. */
function onAnyPort(argument: string): string {
  return argument.replace(/^(--(?:https|metrics)-address)=.*$/, '$1=127.0.0.1:0')
}

/** Whatever a process prints, this program goes on. */
function listeningLine(line: string): { readonly https?: string; readonly status?: string } {
  try {
    return JSON.parse(line) as { readonly https?: string; readonly status?: string }
  } catch {
    return {}
  }
}

function portsIn(line: string): ReadonlyMap<number, { readonly host: string; readonly port: number }> | undefined {
  if (!line.includes('"msg":"listening"')) return undefined
  const { https, status } = listeningLine(line)
  const found = (
    [
      [HTTPS_PORT, https],
      [METRICS_PORT, status],
    ] as const
  ).flatMap(([port, url]) => {
    if (url === undefined) return []
    const { hostname, port: real } = new URL(url)
    return [[port, { host: hostname, port: Number(real) }] as const]
  })
  return new Map(found)
}
