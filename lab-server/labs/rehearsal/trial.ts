/** The whole test of one lab on one provider: solutions with mistakes on one cluster, the page's own commands after a reset. */
import type { Mistakes } from '../../../protocol/lab/mistakes.ts'
import type { Clock } from '../../clock.ts'
import type { Ids } from '../../ids.ts'
import type { Logger } from '../../log.ts'
import { followNodeWishes } from '../../nodes/wishes.ts'
import type { Cluster, Provider } from '../../providers/provider.ts'
import type { LabEntry } from '../catalogue.ts'
import { prepareLab } from '../prepare.ts'
import { resetLab } from '../reset.ts'
import type { Stage } from '../stage.ts'
import { type Page, type PageReport, rehearsePage } from './page.ts'
import { rehearseSolutions, rehearseStart, type SolutionsReport, type StepReport } from './solutions.ts'
import { LabFails } from './stage.ts'

export interface Trial {
  entry: LabEntry
  mistakes: Mistakes
  page: Page
  provider: Provider
  clock: Clock
  ids: Pick<Ids, 'short'>
  log: Logger
  signal?: AbortSignal
  onStep?: (report: StepReport) => void
}

export interface TrialReport {
  /** Milliseconds until the (last) cluster was there. */
  clusterMs: number
  solutions: SolutionsReport
  solutionsMs: number
  page: PageReport
  /** Milliseconds of the reset and of the page's commands. */
  pageMs: number
  totalMs: number
}

/** What a reader leaves behind and a reset must find. */
const LEFTOVERS = 'kubectl create namespace mine && kubectl -n mine create configmap mine && echo mine > mine.txt'

/** @throws {LabFails} and what the provider throws; no cluster is left behind */
export async function tryLab(trial: Trial): Promise<TrialReport> {
  const { provider, clock, mistakes, onStep } = trial
  const signal = trial.signal ?? new AbortController().signal
  const began = clock.now()
  let clusterMs = 0
  const withCluster = async <T>(work: (stage: Stage) => Promise<T>): Promise<T> => {
    const cluster = await laidOut(trial, signal)
    clusterMs = Math.max(clusterMs, clock.now() - began)
    // As in a session: the command `lab` works
    const wishes = followNodeWishes(cluster, trial)
    try {
      return await work(stageOf(trial, cluster, signal))
    } finally {
      wishes.close()
      await cluster.dispose()
    }
  }
  const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
    const from = clock.now()
    return [await work, clock.now() - from]
  }
  const solutions = (stage: Stage) => timed(rehearseSolutions(stage, mistakes, onStep))
  const page = (stage: Stage) => timed(pageAfterReset(stage, trial))

  await provider.prepare(signal)
  // Simulated clusters cost nothing: both at once. A real one is made once and reset.
  const [[solved, solutionsMs], [read, pageMs]] = provider.simulated
    ? await both(withCluster(solutions), withCluster(page))
    : await withCluster(async (stage) => [await solutions(stage), await page(stage)] as const)
  return { clusterMs, solutions: solved, solutionsMs, page: read, pageMs, totalMs: clock.now() - began }
}

/** As Promise.all, but waits for both, so that no cluster is in use when this ends. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([a, b])
  return [await a, await b]
}

async function laidOut({ entry, provider, ids }: Trial, signal: AbortSignal): Promise<Cluster> {
  const cluster = await provider.create({ id: ids.short(), ...entry.lab.cluster }, () => {}, signal)
  try {
    await prepareLab(cluster, entry, signal)
    return cluster
  } catch (error) {
    await cluster.dispose()
    throw error
  }
}

function stageOf({ entry, clock, log }: Trial, cluster: Cluster, signal: AbortSignal): Stage {
  return { entry, cluster, clock, log, signal, startedAt: clock.now() }
}

async function pageAfterReset(stage: Stage, { page, clock, signal }: Trial): Promise<PageReport> {
  const { cluster, entry } = stage
  const { code, output } = await cluster.run(LEFTOVERS, stage.signal)
  if (code !== 0) throw new LabFails(stage, `a reader cannot make a namespace of their own: ${output.trim()}`)
  await resetLab(cluster, entry, { clock, ...(signal && { signal }) })
  const { output: left } = await cluster.run('ls; kubectl get namespaces -o name', stage.signal)
  if (/mine/.test(left)) throw new LabFails(stage, `a reset leaves what the reader made: ${left.trim()}`)
  const begun = { ...stage, startedAt: clock.now() }
  await rehearseStart(begun)
  return rehearsePage(begun, page)
}
