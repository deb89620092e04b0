import type { ServiceAccountTokens } from '../../auth/service-accounts.ts'
import { createToken } from '../../auth/token-request.ts'
import { answer } from '../answers.ts'
import type { ApiResponse } from '../http.ts'
import type { Door } from '../router.ts'
import { received } from './creating.ts'

const TOKEN_REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } as const

/** `serviceaccounts/<name>/token`. */
export function tokenDoor(tokens: ServiceAccountTokens): Door {
  return {
    serves: (group, version, resource, subresource) =>
      group === '' && version === 'v1' && resource === 'serviceaccounts' && subresource === 'token',
    async handle(api, call): Promise<ApiResponse> {
      const sent = received(api, call, {
        resource: { group: '', resource: 'serviceaccounts' },
        subresource: 'token',
        kind: TOKEN_REQUEST,
      })
      const { namespace, name } = call.info
      const made = await createToken(api.backend, tokens, namespace, name, sent.object, sent.admit)
      return answer(call.accepted, 201, JSON.stringify(made), call.warnings)
    },
  }
}
