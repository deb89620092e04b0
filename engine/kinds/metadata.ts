/** What kinds say of their objects' metadata; the Registry itself asks of all kinds what holds for all. */
export {
  dns1035NameErrors,
  finalizerNameErrors,
  labelNameErrors,
  type MetadataRules,
  metadataErrors,
  metadataUpdateErrors,
  type NameErrors,
  pathSegmentNameErrors,
  subdomainNameErrors,
} from '../storage/metadata-errors.ts'
