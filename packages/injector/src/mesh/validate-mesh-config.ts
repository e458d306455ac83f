import { isObject, type Json } from '@proa/kube'
import type { IstioMinor } from './descriptor.ts'
import { goDurationText, SECOND } from './duration.ts'
import { childOf, durationOf, itemsOf, numberOf, textOf } from './message-access.ts'
import { joined, none, type Problems, prefixed, problem, problemList, problemText } from './problems.ts'
import type { Message } from './read.ts'
import { checkPort, checkTrustDomain, checkWildcardDomain } from './validate-address.ts'
import { checkLocalityLb, checkZoneAwareLb } from './validate-locality.ts'
import { checkDuration, checkProxyConfig } from './validate-proxy-config.ts'

const MILLISECOND = SECOND / 1000n

/**
 * Istio's ValidateMeshConfig, errors only. Not covered: the value ranges inside defaultTrafficPolicy and
 * defaultHttpRetryPolicy (1.31), and what Istio only logs (extension providers, elliptic curves).
 *
 * @returns the error's text, undefined for a valid config
 */
export function validateMeshConfig(mesh: Message, minor: IstioMinor): string | undefined {
  const config = childOf(mesh, 'defaultConfig')
  const parts = [
    prefixed('invalid proxy listen port:', checkPort(numberOf(mesh, 'proxyListenPort'))),
    prefixed('invalid connect timeout:', checkConnectTimeout(durationOf(mesh, 'connectTimeout'), minor)),
    prefixed('invalid protocol detection timeout:', checkDetection(durationOf(mesh, 'protocolDetectionTimeout'))),
    config === undefined ? problem('missing default config') : checkProxyConfig(config, minor),
    checkLocalityLb(childOf(mesh, 'localityLbSetting'), minor),
    checkZoneAwareLb(childOf(mesh, 'zoneAwareLbSetting')),
    checkServiceSettings(itemsOf(mesh, 'serviceSettings')),
    checkTrustDomains(mesh),
    checkMeshTls(childOf(mesh, 'meshMTLS'), minor),
  ]
  // Before 1.14 everything went into a list from the start.
  const all = joined(parts)
  return problemText(minor < 14 ? problemList(all.errors) : all)
}

function checkConnectTimeout(timeout: bigint, minor: IstioMinor): Problems {
  const malformed = checkDuration(timeout)
  if (malformed.errors.length > 0) return malformed
  const longest = minor >= 20 ? 3600n * SECOND : 30n * SECOND
  if (timeout <= longest) return none
  return problem(`time ${goDurationText(timeout)} must be >1ms and <${goDurationText(longest)}`)
}

/** 0 turns the detection's timeout off. */
function checkDetection(timeout: bigint): Problems {
  return timeout % MILLISECOND === 0n ? none : problem('only durations to ms precision are supported')
}

function checkServiceSettings(settings: readonly Json[]): Problems {
  const errors: string[] = []
  for (const [index, entry] of settings.entries()) {
    for (const host of isObject(entry) ? itemsOf(entry, 'hosts') : []) {
      const found = problemText(checkWildcardDomain(String(host)))
      if (found !== undefined) errors.push(`serviceSettings[${index}], host \`${host}\`: ${found}`)
    }
  }
  return problemList(errors)
}

function checkTrustDomains(mesh: Message): Problems {
  const own = problemText(checkTrustDomain(textOf(mesh, 'trustDomain')))
  const errors = own === undefined ? [] : [`trustDomain: ${own}`]
  for (const [index, alias] of itemsOf(mesh, 'trustDomainAliases').entries()) {
    const found = problemText(checkTrustDomain(String(alias)))
    if (found !== undefined) errors.push(`trustDomainAliases[${index}], domain \`${alias}\` : ${found}`)
  }
  return problemList(errors)
}

function checkMeshTls(tls: Message | undefined, minor: IstioMinor): Problems {
  if (minor < 18 || tls === undefined || itemsOf(tls, 'ecdhCurves').length === 0) return none
  return problemList(['mesh TLS does not support ECDH curves configuration'])
}
