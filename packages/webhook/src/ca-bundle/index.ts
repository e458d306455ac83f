export { type CaBundlePatcherOptions, FIELD_MANAGER, runCaBundlePatcher } from './patcher.ts'
export { type CaBundlePlan, type CaBundleTarget, ENTRY_SUFFIX, planCaBundle, REVISION_LABEL } from './plan.ts'
export { type CaBundleReporter, caBundleReporter } from './reporter.ts'
