import { type ConfigurationSources, loadConfiguration } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import {
  type CertificateSource,
  type ConfigurationSource,
  type LoadedConfiguration,
  type PlainConfigurationOptions,
  type ServingCertificate,
  type Watchable,
  watchable,
} from '../src/index.ts'

export interface TestConfigurations extends ConfigurationSource {
  /** Takes this configuration over. */
  change(sources: ConfigurationSources, options?: Partial<PlainConfigurationOptions>): void
  fail(problem: string): void
}

/** Configurations that a test hands in. */
export function configurationsOf(
  sources: ConfigurationSources = {},
  options: Partial<PlainConfigurationOptions> = {},
  namespaces: Readonly<Record<string, JsonObject>> = {},
): TestConfigurations {
  const state = watchable<LoadedConfiguration>()
  let generation = 0
  const change: TestConfigurations['change'] = (next, nextOptions = options) => {
    const plain = { env: {}, ...nextOptions }
    const env = (name: string) => (Object.hasOwn(plain.env, name) ? plain.env[name] : undefined)
    const configuration = loadConfiguration(next, { ...plain, env })
    state.set({ generation: ++generation, sources: next, options: plain, configuration })
  }
  change(sources)
  return {
    get current() {
      return state.current
    },
    get problem() {
      return state.problem
    },
    subscribe: state.subscribe,
    fail: state.fail,
    change,
    namespaceObject: (name) => namespaces[name],
    stop: () => {},
  }
}

export interface TestCertificates extends CertificateSource, Pick<Watchable<ServingCertificate>, 'set' | 'fail'> {}

/** Certificates that a test hands in. */
export function certificatesOf(first: ServingCertificate): TestCertificates {
  const state = watchable<ServingCertificate>()
  state.set(first)
  return {
    get current() {
      return state.current
    },
    get problem() {
      return state.problem
    },
    subscribe: state.subscribe,
    set: state.set,
    fail: state.fail,
    stop: () => {},
  }
}
