import { Argument, type Command } from 'commander'
import type { Context } from '../context.ts'

export function addCompletionCommand(program: Command, context: Context): void {
  program
    .command('completion')
    .summary('print a shell completion script')
    .description(
      'Prints the completion of proa for a shell.\n\n' +
        '  bash:  source <(proa completion bash)\n' +
        '  zsh:   source <(proa completion zsh)\n' +
        '  fish:  proa completion fish | source',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionScript } = await import('../completion/script.ts')
      context.stdout.write(completionScript(program, shell))
    })
}
