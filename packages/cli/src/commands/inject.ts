import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addConfigOptions, addInputOptions, type ConfigOptions, type InputOptions } from './options.ts'
import { addOutputOptions, type ResultOptions } from './result-options.ts'

export interface InjectOptions extends InputOptions, ConfigOptions, ResultOptions {
  readonly asWebhook?: true
  readonly webhookPath?: string
  readonly strict?: true
  readonly origins?: true
}

export function addInjectCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const command = program
    .command('inject')
    .summary('add the sidecar to manifests')
    .description(
      'Adds the sidecar to every workload, as istioctl kube-inject does: the policy counts as enabled and selectors do ' +
        'not apply. Comments, key order and formatting of the manifests survive; what is no workload passes unchanged.',
    )
  addConfigOptions(addInputOptions(command))
    .option('--as-webhook', 'decide as the webhook in the cluster does: policy, selectors and namespace count')
    .option(
      '--webhook-path <path>',
      'the URL path of the webhook, which can name cluster and network: /inject/cluster/a/net/b',
    )
    .option('--origins', 'say on standard error where each added or changed field came from')
    .option('--strict', 'fail when a workload is skipped, or something that looks like a workload is not known')
  addOutputOptions(command).action(async (options: InjectOptions) => {
    const { runInject } = await import('./inject-run.ts')
    finish(await runInject(context, options))
  })
}
