import type { Program } from '../../containers/contract.ts'
import { daemon } from './daemon.ts'

const BANNER = [
  '-------------------------------------------------------------------------------',
  'NGINX Ingress controller',
  '  Release:       v1.13.3',
  '  Build:         git-93851ca2d',
  '  Repository:    https://github.com/kubernetes/ingress-nginx',
  '  nginx version: nginx/1.27.1',
  '',
  '-------------------------------------------------------------------------------',
  '',
]

/** ingress-nginx: the network leads what Ingresses say through it. */
export const ingressNginx: Program = daemon({
  endpoints: [{ port: 10254, answers: { '/healthz': 'ok' } }],
  says: () => BANNER,
  begin(process) {
    const flag = (name: string) => process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3)
    const serving = process.network.serveIngresses?.({
      controller: flag('controller-class') ?? 'k8s.io/ingress-nginx',
      withoutClass: flag('watch-ingress-without-class') === 'true',
      address: flag('publish-status-address') ?? process.network.address,
      log: (line) => void process.stdout.write(`${line}\n`).catch(() => {}),
    })
    process.signal.addEventListener('abort', () => serving?.close(), { once: true })
  },
})
