import type { ProcessResult } from '../../api/http.ts'

/** How a process ended, as the error stream of exec and attach says it: a meta/v1 Status (remotecommand v4, 1.34). */
export function processStatus(result: ProcessResult): string {
  return JSON.stringify(statusOf(result))
}

function statusOf(result: ProcessResult): object {
  if ('failure' in result) {
    return { metadata: {}, status: 'Failure', message: result.failure, reason: 'InternalError', code: 500 }
  }
  if (result.exitCode === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${result.exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(result.exitCode) }] },
  }
}

/** A terminal size as clients send it; undefined if it is none. */
export function parseSize(text: string): { readonly width: number; readonly height: number } | undefined {
  try {
    const { Width, Height } = JSON.parse(text) as { Width?: unknown; Height?: unknown }
    return Number.isInteger(Width) && Number.isInteger(Height)
      ? { width: Width as number, height: Height as number }
      : undefined
  } catch {
    return undefined
  }
}
