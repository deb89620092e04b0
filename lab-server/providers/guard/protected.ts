/** Namespaces of the cluster itself: readers look, and touch nothing. */
export const protectedNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'] as const

export const isProtected = (namespace: string) => (protectedNamespaces as readonly string[]).includes(namespace)

/** The reader, as the API server knows them from their certificate. */
export const READER_USER = 'learner'
export const READER_GROUP = 'quayside:readers'
