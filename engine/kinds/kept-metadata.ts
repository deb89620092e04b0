/** What doors for the status alone put back of the metadata, where they do: meta/v1's `ResetObjectMetaForStatus`. */
export const KEPT_METADATA = [
  'metadata.labels',
  'metadata.annotations',
  'metadata.finalizers',
  'metadata.ownerReferences',
] as const
