import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addClusterOptions, type ClusterOptions } from '../installation/cluster-options.ts'
import { duration } from './duration.ts'

export type DoctorFormat = 'text' | 'json' | 'sarif' | 'junit' | 'markdown'

/** How a snapshot is come by. */
export interface SnapshotOptions extends ClusterOptions {
  readonly filename?: readonly string[]
  readonly namespace?: string
  readonly probe: boolean
}

export interface DoctorOptions extends SnapshotOptions {
  readonly message?: readonly string[]
  readonly lang: 'en' | 'zh'
  readonly output: DoctorFormat
  readonly check?: readonly string[]
  readonly strict?: boolean
  /** Seconds. */
  readonly wait?: number
  readonly fix?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly verbose?: boolean
}

export interface DoctorListOptions {
  readonly lang: 'en' | 'zh'
  readonly output: 'text' | 'json'
}

export interface DoctorSnapshotOptions extends SnapshotOptions {
  readonly output: string
}

export function addDoctorCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const doctor = program
    .command('doctor')
    .summary('find out why Pods are injected, not injected, or refused')
    .description(
      'Looks for what is wrong with injection, in a cluster or in files, and says with evidence what it means and how to ' +
        'repair it. Without an argument everything is checked. Exit codes: 0 fine, 1 warnings with --strict, 2 errors, ' +
        '3 something that was asked for could not be evaluated.',
    )
    // What stands behind a subcommand belongs to it: -o means something else there.
    .enablePositionalOptions()
    .addArgument(whatArgument())
    .argument('[name]', 'NAMESPACE/NAME, or NAME in the namespace of -n or of the context')
  addReportOptions(addSnapshotOptions(doctor))
  addFixOptions(doctor).action(async (what: string | undefined, name: string | undefined, options: DoctorOptions) => {
    const { runDoctor } = await import('./doctor-run.ts')
    finish(await runDoctor(context, [what, name], options))
  })
  addList(doctor, context, finish)
  addExplain(doctor, context, finish)
  addSnapshot(doctor, context, finish)
}

function whatArgument(): Argument {
  const argument = new Argument('[what]', 'pod, deployment or another kind of workload, namespace, webhooks, certs')
  // For completion only: other kinds and their short names are taken too.
  argument.argChoices = ['pod', 'deployment', 'statefulset', 'daemonset', 'cronjob', 'namespace', 'webhooks', 'certs']
  return argument
}

function addSnapshotOptions(command: Command): Command {
  return addClusterOptions(command)
    .option(
      '-f, --filename <path>',
      'a file, a directory, an archive, or - for standard input, instead of a cluster (repeatable)',
      append,
    )
    .option('-n, --namespace <name>', 'the namespace to look at, or the one of a name that has none')
    .option('--no-probe', 'only read: try no TLS handshake with the injector and no dry run of a Pod')
}

function addReportOptions(command: Command): Command {
  return command
    .option('--message <text>', 'a message of the API server to explain; - reads standard input (repeatable)', append)
    .addOption(new Option('--lang <language>', 'language of the texts').choices(['en', 'zh']).default('en'))
    .addOption(
      new Option('-o, --output <format>', 'json is a stable contract')
        .choices(['text', 'json', 'sarif', 'junit', 'markdown'])
        .default('text'),
    )
    .option('--check <id...>', 'only these checks')
    .option('--strict', 'exit with 1 when there are warnings')
    .addOption(
      new Option('--wait [duration]', 'check again until there is no error: 90s, 5m; without a value 5m')
        .preset('5m')
        .argParser(duration),
    )
    .option('--verbose', 'show notes, all objects and all rows, where they are only counted else')
}

function addFixOptions(command: Command): Command {
  return command
    .option('--fix', 'make the changes that repair what was found; asks before each')
    .option('--dry-run', 'with --fix: print the changes, and make none')
    .option('-y, --yes', 'with --fix: do not ask')
}

type Add = (doctor: Command, context: Context, finish: (code: ExitCode) => void) => void

const language = (): Option =>
  new Option('--lang <language>', 'language of the texts').choices(['en', 'zh']).default('en')
const listFormat = (): Option =>
  new Option('-o, --output <format>', 'how to print it').choices(['text', 'json']).default('text')

const addList: Add = (doctor, context, finish) => {
  doctor
    .command('list')
    .summary('list all checks')
    .description('Lists all checks with their severity and what is wrong when they fire.')
    .addOption(language())
    .addOption(listFormat())
    .action(async (options: DoctorListOptions) => {
      const { runDoctorList } = await import('./doctor-catalogue.ts')
      finish(runDoctorList(context, options))
    })
}

const addExplain: Add = (doctor, context, finish) => {
  doctor
    .command('explain <id>')
    .summary('say what a check looks at, why, and what to do')
    .description('Says what a check looks at, why it matters, and what to do when it fires.')
    .addOption(language())
    .addOption(listFormat())
    .action(async (id: string, options: DoctorListOptions) => {
      const { runDoctorExplain } = await import('./doctor-catalogue.ts')
      finish(runDoctorExplain(context, id, options))
    })
}

const addSnapshot: Add = (doctor, context, finish) => {
  addSnapshotOptions(doctor.command('snapshot').summary('save what the doctor looks at, to diagnose elsewhere'))
    .description(
      'Saves what the doctor looks at in one file, without secrets. "proa doctor -f FILE" diagnoses it, anywhere and later.',
    )
    .requiredOption('-o, --output <file>', 'where to; - for standard output')
    .action(async (options: DoctorSnapshotOptions) => {
      const { runDoctorSnapshot } = await import('./doctor-snapshot.ts')
      finish(await runDoctorSnapshot(context, options))
    })
}

function append(value: string, previous: readonly string[] | undefined): string[] {
  if (value === '') throw new InvalidArgumentError('It must not be empty.')
  return [...(previous ?? []), value]
}
