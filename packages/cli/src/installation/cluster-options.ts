import type { Command } from 'commander'

/** `--kubeconfig` and `--context`, as kubectl has them. */
export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
}

export function addClusterOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'how to reach the cluster; default KUBECONFIG, then ~/.kube/config')
    .option('--context <name>', 'the context of the kubeconfig; default its current one')
}
