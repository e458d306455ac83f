/** sprig v3's functions for Go templates. */
import type { FunctionMap } from '../value.ts'
import { encodingFunctions } from './base-encoding.ts'
import { dateFunctions, durationFunctions } from './dates.ts'
import { defaultFunctions } from './defaults.ts'
import { dictFunctions } from './dicts.ts'
import { digestFunctions } from './digests.ts'
import { envFunctions } from './env.ts'
import type { SprigEnvironment } from './environment.ts'
import { jsonFunctions } from './json.ts'
import { listFunctions } from './lists.ts'
import { mathFunctions } from './math.ts'
import { pathFunctions } from './paths.ts'
import { randomFunctions } from './random.ts'
import { reflectionFunctions } from './reflection.ts'
import { regexFunctions } from './regex.ts'
import { semverFunctions } from './semver/semver.ts'
import { stringFunctions } from './strings.ts'
import { urlFunctions } from './urls.ts'

export type { SprigEnvironment } from './environment.ts'

/** Functions of sprig that do not exist here whatever the environment: keys, passwords, ciphers and the network. */
export const notOffered: readonly string[] = [
  'bcrypt',
  'buildCustomCert',
  'decryptAES',
  'derivePassword',
  'encryptAES',
  'genCA',
  'genCAWithKey',
  'genPrivateKey',
  'genSelfSignedCert',
  'genSelfSignedCertWithKey',
  'genSignedCert',
  'genSignedCertWithKey',
  'getHostByName',
  'htpasswd',
]

/**
 * sprig v3.3's `TxtFuncMap`, but for {@link notOffered}. Without an environment only functions whose result depends on
 * their arguments alone are there. `set`, `unset`, `merge…` change the maps they are given.
 */
export function sprigFunctions(environment: SprigEnvironment = {}): FunctionMap {
  return {
    ...stringFunctions,
    ...listFunctions,
    ...dictFunctions,
    ...defaultFunctions,
    ...mathFunctions,
    ...reflectionFunctions,
    ...encodingFunctions,
    ...digestFunctions,
    ...jsonFunctions,
    ...regexFunctions,
    ...semverFunctions,
    ...pathFunctions,
    ...urlFunctions,
    ...durationFunctions,
    ...dateFunctions(environment),
    ...randomFunctions(environment),
    ...envFunctions(environment),
  }
}
