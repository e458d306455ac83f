import type { NamedService } from './classification.ts'

/** What a message says of the call, whatever went wrong with it. */
export interface CallFacts {
  readonly webhook?: string
  readonly service?: NamedService
  readonly url?: string
  readonly timeoutSeconds?: number
}

const WEBHOOK = /webhook,? "([^"\s]{1,300})"/i
/** klog of a failure that is ignored names it without quotes, or as a value. */
const OPEN_WEBHOOK = /failing (?:open|closed)[",:]{0,2} (?:webhook=)?"?([\w.-]{1,300})/i
/** Before Go 1.14 the URL stood without quotes. */
const CALLED_URL = /\bPost "?(https?:\/\/[^\s"]{1,2000})/
const SERVICE_HOST = /^([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc(?:\.[a-z0-9.-]{1,200})?$/

export function factsOf(message: string): CallFacts {
  const webhook = WEBHOOK.exec(message)?.[1] ?? OPEN_WEBHOOK.exec(message)?.[1]
  const called = CALLED_URL.exec(message)?.[1]
  const parts = called === undefined ? undefined : partsOf(called)
  return {
    ...(webhook === undefined ? {} : { webhook }),
    ...(parts === undefined ? {} : { url: parts.url }),
    ...(parts?.service === undefined ? {} : { service: parts.service }),
    ...(parts?.timeoutSeconds === undefined ? {} : { timeoutSeconds: parts.timeoutSeconds }),
  }
}

interface UrlParts {
  readonly url: string
  readonly service?: NamedService
  readonly timeoutSeconds?: number
}

const URL_PARTS = /^(https?):\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?/

function partsOf(text: string): UrlParts {
  const [, scheme = 'https', authority = '', path = '', query = ''] = URL_PARTS.exec(text) ?? []
  // Without quotes the colon after the URL looks like a part of it.
  const cleanPath = query === '' ? path.replace(/:$/, '') : path
  const [host, port] = splitPort(query === '' && path === '' ? authority.replace(/:$/, '') : authority)
  const service = SERVICE_HOST.exec(host)
  const timeoutSeconds = durationIn(query)
  return {
    url: `${scheme}://${host}${port === undefined ? '' : `:${port}`}${cleanPath}`,
    ...(service?.[1] === undefined || service[2] === undefined
      ? {}
      : {
          service: {
            namespace: service[2],
            name: service[1],
            ...(port === undefined ? {} : { port }),
            ...(cleanPath === '' ? {} : { path: cleanPath }),
          },
        }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  }
}

function splitPort(authority: string): readonly [string, number | undefined] {
  const withoutUser = authority.slice(authority.lastIndexOf('@') + 1)
  const found = /^(.*):(\d{1,5})$/.exec(withoutUser)
  return found?.[1] === undefined ? [withoutUser, undefined] : [found[1], Number(found[2])]
}

/** Go's notation: `10s`, `1m0s`, `500ms`. */
function durationIn(query: string): number | undefined {
  const found = /\btimeout=(?:(\d{1,3})m(?!s))?(?:(\d{1,5})(ms|s))?/.exec(query)
  if (found === null || (found[1] === undefined && found[2] === undefined)) return undefined
  const [, minutes = '0', amount = '0', unit] = found
  return Number(minutes) * 60 + Number(amount) / (unit === 'ms' ? 1000 : 1)
}
