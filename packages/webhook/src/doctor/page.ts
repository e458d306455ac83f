import { renderReportJson, renderReportText } from '@proa/doctor'
import { type StatusPage, textPage } from '../http/server.ts'
import type { SelfDiagnosis } from './self-diagnosis.ts'

/**
 * `/debug/doctor`: JSON as `proa doctor -o json` has it, or `?output=text`; `?lang=zh`. 503 when the cluster could not be
 * asked; what is wrong with the webhook itself is an answer, and 200.
 */
export async function doctorPage(doctor: SelfDiagnosis | undefined, query: URLSearchParams): Promise<StatusPage> {
  if (doctor === undefined) return textPage(404, 'this webhook runs without a cluster; there is nothing to look at')
  const language = query.get('lang') === 'zh' ? 'zh' : 'en'
  try {
    const report = await doctor.report()
    if (query.get('output') !== 'text') {
      return { status: 200, contentType: 'application/json', body: renderReportJson(report, language) }
    }
    return textPage(200, renderReportText(report, { language }).trimEnd())
  } catch (error) {
    return textPage(503, `the cluster cannot be asked: ${error instanceof Error ? error.message : String(error)}`)
  }
}
