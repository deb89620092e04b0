import { expect, it } from 'vitest'
import { parseKubeconfig } from '../../kube/kubeconfig.ts'
import { forToolbox } from './credentials.ts'

const data = (text: string) => Buffer.from(text).toString('base64')
const fromKubeadm = `
apiVersion: v1
kind: Config
clusters:
- cluster: {certificate-authority-data: ${data('ca')}, server: "https://172.20.0.2:6443"}
  name: lab-k7x2m
contexts:
- {context: {cluster: lab-k7x2m, user: learner}, name: learner@lab-k7x2m}
current-context: learner@lab-k7x2m
users:
- name: learner
  user: {client-certificate-data: ${data('cert')}, client-key-data: ${data('key')}}
`

it('gives the reader the same identity under the name that the toolbox knows the cluster by', () => {
  const made = forToolbox(fromKubeadm, 'https://lab-k7x2m-control-plane:6443')
  expect(made).toContain('current-context: lab\n')
  expect(parseKubeconfig(made)).toEqual({
    server: 'https://lab-k7x2m-control-plane:6443',
    ca: Buffer.from('ca'),
    cert: Buffer.from('cert'),
    key: Buffer.from('key'),
  })
})

it('names the field that a kubeconfig lacks', () => {
  expect(() => parseKubeconfig('kind: Config')).toThrow('kubeconfig: server is missing')
})
