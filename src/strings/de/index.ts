export { code } from './code.ts'
export { page } from './page.ts'
export { progress } from './progress.ts'
export { site } from './site.ts'
