import type { JsonObject } from '@proa/kube'
import { textAt } from '../../reading.ts'
import { commandOf } from './app-containers.ts'

/** What a container wants from the network, as far as its command or image tells. */
export interface NetworkUse {
  /** The word of the command, or the image, that tells. */
  readonly by: string
  readonly in: 'command' | 'image'
  /** Ports that the command names; empty when it names none. */
  readonly ports: readonly number[]
}

const START = String.raw`(?:^|[\s;&|("'\`/])`
const END = String.raw`(?=$|[\s;&|)"'\`])`

/** Programs that need a network whatever their arguments are; what they do otherwise (`--version`) is rare enough. */
const PROGRAMS = [
  'curl',
  'wget',
  'nslookup',
  'dig',
  'telnet',
  'ncat',
  'grpcurl',
  'grpc_health_probe',
  'wait-for',
  'wait-for-it',
  String.raw`wait-for(?:-it)?\.sh`,
  'wait4x',
  'dockerize',
  'flyway',
  'liquibase',
  'psql',
  'pg_isready',
  'mysql',
  'mysqladmin',
  'mongosh',
  'mongo',
  'redis-cli',
  'rabbitmqadmin',
  'cqlsh',
  'sqlcmd',
  'kubectl',
  'etcdctl',
  'gsutil',
  'gcloud',
  'azcopy',
  'git-sync',
]

/** Programs of which only some uses need a network. */
const USES = [
  String.raw`git\s+(?:clone|fetch|pull|ls-remote|submodule)`,
  String.raw`nc\s+(?!-l)\S+`,
  String.raw`aws\s+\S+`,
  String.raw`az\s+\S+`,
  String.raw`mc\s+(?:cp|mirror|alias)`,
  String.raw`vault\s+(?:agent|read|write|login|kv)`,
  String.raw`openssl\s+s_client`,
  String.raw`(?:npm|pnpm|yarn)\s+(?:install|ci)`,
  String.raw`pip3?\s+install`,
  String.raw`apk\s+(?:add|update)`,
  String.raw`apt(?:-get)?\s+(?:-\S+\s+)*(?:install|update)`,
  String.raw`helm\s+(?:pull|install|upgrade|repo)`,
  String.raw`migrate\s[^;|&]{0,300}-database`,
  String.raw`alembic\s+upgrade`,
  String.raw`(?:rails|rake)\s+db:\S+`,
  String.raw`manage\.py\s+(?:migrate|wait_for_db)`,
  String.raw`prisma\s+(?:migrate|db)`,
  String.raw`(?:knex|sequelize|typeorm)\s[^;|&]{0,300}migrat\S*`,
  String.raw`goose\s+\S+`,
  String.raw`bash\s+-c\s.{0,100}/dev/tcp/`,
]

const COMMAND = new RegExp(`${START}(${[...PROGRAMS, ...USES].join('|')})${END}`)

/** The last part of image names, without their tags. */
const IMAGE =
  /(?:^|\/)(flyway|liquibase|migrate|git|git-sync|curl|vault|vault-k8s|dockerize|k8s-wait-for|wait-for|wait4x|kubectl|aws-cli|cloud-sdk|azure-cli)(?:[:@]|$)/

/** Undefined: nothing says that it needs a network. That an unknown program needs none is not said. */
export function networkUse(container: JsonObject): NetworkUse | undefined {
  const command = commandOf(container)
  const word = COMMAND.exec(command)?.[1]
  if (word !== undefined) return isLocal(command) ? undefined : { by: word, in: 'command', ports: portsIn(command) }
  const image = textAt(container, 'image')
  // A command that tells nothing (`cp`, `sh -c "echo …"`) says more than the image that it comes from.
  if (command !== '' && !/^[-/]/.test(command)) return undefined
  return IMAGE.test(image) ? { by: image, in: 'image', ports: portsIn(command) } : undefined
}

/** The same of a text that is a command: a handler of a lifecycle. */
export function networkWord(command: string): string | undefined {
  const word = COMMAND.exec(command)?.[1]
  return word === undefined || isLocal(command) ? undefined : word
}

/** Everything that it names is in the Pod itself. */
function isLocal(command: string): boolean {
  const hosts = [...command.matchAll(/(?:https?|tcp):\/\/(\[[^\]]*\]|[^:/\s"']+)/g)].map(([, host = '']) => host)
  const plain = /\b(?:localhost|127\.0\.0\.1)\b|\[::1\]/.test(command)
  return hosts.length > 0 ? hosts.every((host) => /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(host)) : plain
}

function portsIn(command: string): readonly number[] {
  const named = [...command.matchAll(/[\w\])]:(\d{2,5})\b|\bnc\s(?:-\S+\s+)*\S+\s+(\d{2,5})\b|\s-[pP]\s*(\d{2,5})\b/g)]
  const ports = named.map(([, a, b, c]) => Number(a ?? b ?? c))
  const schemes = [
    ...(/https:\/\/[^:/\s"']+(?:[/\s"']|$)/.test(command) ? [443] : []),
    ...(/http:\/\/[^:/\s"']+(?:[/\s"']|$)/.test(command) ? [80] : []),
  ]
  return [...new Set([...ports, ...schemes])].filter((port) => port > 0 && port < 65_536)
}
