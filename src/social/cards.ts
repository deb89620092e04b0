/** The pictures that links to pages show elsewhere, by the first part of a page's address. draw.ts makes them. */
export const cards = {
  home: { title: 'Learn Kubernetes beside a real cluster', text: 'Docker and Kubernetes, side by side.' },
  why: { title: 'Why Kubernetes?', text: 'Seven machines, one script, and the questions it leaves open.' },
  concepts: { title: 'How it works', text: 'The same wish to Docker and to Kubernetes, and what really happens.' },
  labs: { title: 'A cluster of your own', text: 'Type along in a real shell, beside the text.' },
  reference: { title: 'Look it up', text: 'Terms, commands, and Compose files as manifests.' },
  host: { title: 'Run it yourself', text: 'Two commands start the pages and the labs.' },
} as const
