import { expect, it } from 'vitest'
import { badRequest, conflict, forbidden } from '../objects/status-error.ts'
import { ClusterUnderTest } from './controllers.testing.ts'
import { QueueController } from './queue-controller.ts'

const PODS = { group: '', resource: 'pods' }

class Failing extends QueueController {
  readonly failures: unknown[]
  tries = 0

  constructor(cluster: ClusterUnderTest, failures: unknown[]) {
    super(cluster, { report: (error) => cluster.errors.push(error) })
    this.failures = failures
  }

  begin(): void {
    this.queue.add('one')
  }

  protected follows() {
    return []
  }

  protected sync(): void {
    this.tries += 1
    const failure = this.failures.shift()
    if (failure !== undefined) throw failure
  }
}

const tried = (...failures: unknown[]) => {
  const cluster = new ClusterUnderTest()
  const controller = new Failing(cluster, failures)
  controller.begin()
  cluster.step(1_000)
  return { tries: controller.tries, errors: cluster.errors }
}

it('tries again what the API refuses, and reports no failure', () => {
  expect(tried(forbidden(PODS, 'a', 'exceeded quota'), conflict(PODS, 'a', 'it has changed'))).toEqual({
    tries: 3,
    errors: [],
  })
})

it('reports what it has done wrong', () => {
  const [wrong, broken] = [badRequest('no such field'), new TypeError('not a function')]
  expect(tried(wrong, broken)).toEqual({ tries: 3, errors: [wrong, broken] })
})
