export const site = {
  name: 'Quayside',
  description: 'Docker and Kubernetes side by side, with a real cluster beside every page.',
}
