/** The messages about previews: web pages of a lab's Services, shown beside the terminal. */
import { z } from 'zod'

/** A name of RFC 1123, as namespaces and Services have it. */
const name = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)

/** Body of `POST /api/sessions/:id/previews`. */
export const PreviewRequest = z.strictObject({
  namespace: name,
  service: name,
  port: z.int().min(1).max(65535).describe('A port of the Service, not of its Pods.'),
  path: z
    .string()
    .max(2000)
    // What a URL may hold as it is; the rest is percent-encoded there.
    .regex(/^\/[\x21-\x7e]*$/)
    .default('/')
    .describe('Where it opens, with a query perhaps.'),
})
export type PreviewRequest = z.input<typeof PreviewRequest>

/** Answer of `POST /api/sessions/:id/previews`. */
export interface PreviewView {
  /** Opens the preview in this browser, once. */
  url: string
  /** Of the preview alone, like `http://<random>.localhost:4321`. */
  origin: string
}

export interface ServiceView {
  namespace: string
  name: string
  /** The TCP ones, in the Service's order. */
  ports: { port: number; name?: string }[]
  /** Pods behind it that are ready. */
  ready: number
}

/** Answer of `GET /api/sessions/:id/services`: what a preview can show. */
export interface ServicesView {
  services: ServiceView[]
}
