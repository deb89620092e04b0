import type { Code } from '../code.ts'

export const code: Code = {
  run: 'Im Terminal ausführen',
  block: 'Code',
}
