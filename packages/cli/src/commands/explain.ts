import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addConfigOptions, addInputOptions, type ConfigOptions, type InputOptions } from './options.ts'

export interface ExplainOptions extends InputOptions, ConfigOptions {
  readonly webhooks?: string
  readonly lang: 'en' | 'zh'
  readonly output: 'text' | 'json' | 'mermaid'
  readonly expect?: 'injected' | 'skipped'
}

export function addExplainCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const command = program
    .command('explain')
    .summary('say whether the cluster would inject, and why')
    .description(
      'Shows the decision of the webhook for every workload: each question that is asked, what was found and where, ' +
        'which step decides, and the smallest change that would turn it round.',
    )
  addConfigOptions(addInputOptions(command))
    .option('--webhooks <file>', 'the MutatingWebhookConfigurations of the cluster: also shows which would be called')
    .addOption(new Option('--lang <language>', 'language of the text').choices(['en', 'zh']).default('en'))
    .addOption(
      new Option('-o, --output <format>', 'json is a stable contract')
        .choices(['text', 'json', 'mermaid'])
        .default('text'),
    )
    .addOption(
      new Option('--expect <verdict>', 'exit with 1 when a workload comes out otherwise').choices([
        'injected',
        'skipped',
      ]),
    )
    .action(async (options: ExplainOptions) => {
      const { runExplain } = await import('./explain-run.ts')
      finish(await runExplain(context, options))
    })
}
