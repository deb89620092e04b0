import { ApiServer, type ApiServerOptions } from './api/api-server.ts'
import { BodyDecoder } from './decode/decoder.ts'
import { resources as extensions } from './extensions/index.ts'
import { builtInResources } from './kinds/index.ts'
import { CompilingCheck, PolicyEnvironments } from './policies/index.ts'
import { SchemaLookup } from './schema/lookup.ts'

export { ApiServer } from './api/api-server.ts'

/** What may differ from one cluster to another. */
export type ServerOptions = Omit<ApiServerOptions, 'decoder' | 'schemas' | 'resources'>

/** An API server with all built-in kinds; what CustomResourceDefinitions define is served once `followDefinitions` (extensions) follows them. */
export function createApiServer(options: ServerOptions): ApiServer {
  const schemas = new SchemaLookup()
  const policies = new PolicyEnvironments()
  return new ApiServer({
    ...options,
    decoder: new BodyDecoder(),
    schemas,
    resources: [...builtInResources(schemas, new CompilingCheck(policies)), ...extensions(schemas)],
  })
}
