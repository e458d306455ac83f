import { uninjectWorkload } from '@proa/injector'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { reportError } from '../output/report.ts'
import { applyChanges, type ObjectChange } from '../results/changes.ts'
import { checkResultOptions, deliver } from '../results/deliver.ts'
import { loadInputs } from '../workloads/load-inputs.ts'
import { describeObject, documentCounts, workloadError } from '../workloads/place.ts'
import type { UninjectOptions } from './uninject.ts'

export async function runUninject(context: Context, options: UninjectOptions): Promise<ExitCode> {
  checkResultOptions(options, options.filename ?? [])
  const inputs = await loadInputs(context, options)
  const countOf = documentCounts(inputs.objects)
  const changes: ObjectChange[] = []
  let failed = false
  for (const object of inputs.objects) {
    const result = uninjectWorkload(
      object.value,
      options.workload === undefined ? {} : { extraWorkloads: options.workload },
    )
    if (result.kind === 'restored') changes.push({ object, patch: result.patch })
    if (result.kind !== 'failed') continue
    failed = true
    reportError(context, workloadError(object, countOf(object), result.error, options.workload))
  }
  if (failed) return ExitCode.Failed
  const changed = changes.map(({ object }) => `${describeObject(object, countOf(object))} would be restored`)
  return deliver(context, options, applyChanges(inputs.files, changes), changed)
}
