export type { Offenders, PodSecurityLevel, PodSecurityViolation } from './control.ts'
export { podSecurityViolations, violationsText } from './evaluate.ts'
