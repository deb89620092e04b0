export { CompilingCheck } from './check.ts'
export { PolicyEnvironments } from './environment.ts'
export { type PolicyOptions, ValidatingAdmissionPolicyPlugin } from './plugin.ts'
export { checkPolicyTypes, type TypeCheckingOptions } from './type-checking.ts'
