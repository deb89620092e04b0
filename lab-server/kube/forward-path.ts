/** Where the API server makes connections to a Pod's ports. */
export const forwardPath = ({ namespace, pod }: { namespace: string; pod: string }) =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward`
