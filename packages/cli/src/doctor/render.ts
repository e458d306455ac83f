import {
  type Report,
  renderReportJson,
  renderReportJunit,
  renderReportMarkdown,
  renderReportSarif,
  renderReportText,
  type Snapshot,
} from '@proa/doctor'
import type { DoctorOptions } from '../commands/doctor.ts'
import { version } from '../commands/version.ts'
import type { Context } from '../context.ts'
import { visible } from '../output/visible.ts'
import { reportPaint, writeText } from './paint.ts'
import { type Locate, placeInFiles } from './places.ts'

/** Prints a report in the format that was asked for. */
export async function printReport(
  context: Context,
  report: Report,
  snapshot: Snapshot,
  options: DoctorOptions,
): Promise<void> {
  const language = options.lang
  switch (options.output) {
    case 'text':
      writeText(context, renderReportText(report, textOptions(context, options)))
      return
    case 'json':
      context.stdout.write(renderReportJson(report, language))
      return
    case 'junit':
      context.stdout.write(
        renderReportJunit(report, { language, strict: options.strict === true, time: snapshot.takenAt }),
      )
      return
    case 'markdown':
      context.stdout.write(visible(renderReportMarkdown(report, language)))
      return
    case 'sarif': {
      const locate: Locate = await placeInFiles(context, snapshot.source, options.filename ?? [])
      context.stdout.write(renderReportSarif(report, { language, version: version(), locate }))
    }
  }
}

export function textOptions(context: Context, { lang, verbose, check }: DoctorOptions) {
  return {
    language: lang,
    paint: reportPaint(context),
    // Whoever names checks wants all that they say.
    verbose: verbose === true || check !== undefined,
    ...(context.stdout.columns === undefined ? {} : { width: Math.min(context.stdout.columns, 120) }),
  }
}
