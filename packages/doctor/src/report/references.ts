/** A reference of a check as a link: `IST0123`, `istio/istio#48317`, a URL. */
export interface ReferenceLink {
  readonly text: string
  /** Absent for what is no link. */
  readonly url?: string
}

const ISTIO_CODE = /^IST\d{4}$/
const ISSUE = /^([\w.-]+\/[\w.-]+)#(\d+)$/
const URL_START = /^https:\/\//

export function referenceLink(reference: string): ReferenceLink {
  if (URL_START.test(reference)) return { text: reference, url: reference }
  if (ISTIO_CODE.test(reference)) {
    return {
      text: reference,
      url: `https://istio.io/latest/docs/reference/config/analysis/${reference.toLowerCase()}/`,
    }
  }
  const [, repository, number] = ISSUE.exec(reference) ?? []
  if (repository === undefined) return { text: reference }
  return { text: reference, url: `https://github.com/${repository}/issues/${number}` }
}
