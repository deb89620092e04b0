/** A cluster for tests: objects in a {@link FakeKube}, scripts answered by a function. */
import { FakeKube } from '../checks/kube.fake.ts'
import { homeFiles } from '../providers/home-files.ts'
import type { Cluster } from '../providers/provider.ts'

export interface FakeCluster extends Cluster {
  readonly admin: FakeKube
  readonly files: Map<string, string>
  readonly scripts: string[]
}

export function fakeCluster(run: (script: string, kube: FakeKube) => number = () => 0): FakeCluster {
  const admin = new FakeKube()
  const files = new Map<string, string>()
  const scripts: string[] = []
  return {
    id: 'fake',
    admin,
    forward: () => Promise.reject(new Error('nothing listens here')),
    files,
    scripts,
    shells: [],
    openShell: () => Promise.reject(new Error('no shells here')),
    home: homeFiles(() => Promise.reject(new Error('there is no home'))),
    async writeFile(path, content) {
      files.set(path, content)
    },
    async run(script) {
      scripts.push(script)
      if (script.includes('rm -rf')) files.clear()
      const code = run(script, admin)
      return { code, output: code === 0 ? 'done\n' : 'it went wrong\n' }
    },
    healthy: async () => true,
    dispose: async () => {},
  }
}
