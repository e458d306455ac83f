import type { Report } from '@proa/doctor'
import { Gauge, type Registry } from 'prom-client'

export interface DoctorMetrics {
  /** A diagnosis is complete. */
  diagnosed(report: Pick<Report, 'findings' | 'notEvaluated'>): void
}

export function doctorMetrics(registry: Registry): DoctorMetrics {
  const registers = [registry]
  const found = new Gauge({
    name: 'proa_doctor_findings',
    help: 'What the webhook finds wrong with itself, by check; see /debug/doctor.',
    labelNames: ['check', 'severity'],
    registers,
  })
  const gaps = new Gauge({
    name: 'proa_doctor_not_evaluated',
    help: 'Checks that could not look at all they need.',
    registers,
  })
  const at = new Gauge({
    name: 'proa_doctor_last_run_timestamp_seconds',
    help: 'When the webhook last looked at itself.',
    registers,
  })
  return {
    diagnosed({ findings, notEvaluated }) {
      // What is gone must not stay.
      found.reset()
      for (const { id, severity } of findings) found.inc({ check: id, severity })
      gaps.set(new Set(notEvaluated.map(({ id }) => id)).size)
      at.setToCurrentTime()
    },
  }
}
