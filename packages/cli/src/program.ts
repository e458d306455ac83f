import { Command, CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addInjectCommand } from './commands/inject.ts'
import { addInstallCommand } from './commands/install.ts'
import { addLocalClusterCommand } from './commands/local-cluster.ts'
import { addManifestsCommand } from './commands/manifests.ts'
import { addStartCommand } from './commands/start.ts'
import { addTagCommand } from './commands/tag.ts'
import { addUninjectCommand } from './commands/uninject.ts'
import { addUninstallCommand } from './commands/uninstall.ts'
import { addVersionCommand, version } from './commands/version.ts'
import { addWebhookCommand } from './commands/webhook.ts'
import type { Context } from './context.ts'
import { ExitCode } from './exit-codes.ts'
import { reportError } from './output/report.ts'
import { painterFor } from './output/style.ts'

/** Runs a command to its end and tells the exit code that it wants. */
export type Register = (program: Command, context: Context, finish: (code: ExitCode) => void) => void

/** Builds the command tree. Commands load what they need only when they run, so that help comes at once. */
export function createProgram(context: Context, finish: (code: ExitCode) => void): Command {
  const program = new Command('proa')
  program
    .description('Sidecar injection for Kubernetes that explains every decision.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    // What stands behind a command belongs to it: subcommands have flags of the same name as their parents.
    .enablePositionalOptions()
    .showHelpAfterError('Run the command with --help to see what it accepts.')
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) =>
        write(painterFor(context.stderr, context.env)('red', 'error: ') + text.replace(/^error: /, '')),
    })
    .exitOverride()
  for (const register of registers) register(program, context, finish)
  return program
}

const registers: readonly Register[] = [
  addStartCommand,
  addInjectCommand,
  addUninjectCommand,
  addExplainCommand,
  addDoctorCommand,
  addInstallCommand,
  addUninstallCommand,
  addManifestsCommand,
  addTagCommand,
  addWebhookCommand,
  addLocalClusterCommand,
  addCompletionCommand,
  addVersionCommand,
]

/**
 * Runs `proa` with these arguments.
 * @param args without the names of the interpreter and the script.
 */
export async function run(args: readonly string[], context: Context): Promise<ExitCode> {
  let code: ExitCode = ExitCode.Success
  const program = createProgram(context, (wanted) => {
    code = wanted
  })
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true })
      return ExitCode.Usage
    }
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return report(error, context)
  }
}

function report(error: unknown, context: Context): ExitCode {
  // Commander has printed its own message; help and version come this way too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Success : ExitCode.Usage
  if (error instanceof CliError) {
    reportError(context, error)
    return error.exitCode
  }
  const paint = painterFor(context.stderr, context.env)
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  context.stderr.write(`${paint('red', 'error:')} this is a fault of proa, please report it:\n${text}\n`)
  return ExitCode.Failed
}
