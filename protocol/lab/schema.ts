/**
 * The schema of `labs/<id>/lab.yaml`, and at the same time its manual: every field says what it is for.
 */
import { z } from 'zod'

const id = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'expected lower-case letters, digits and dashes, like "three-replicas"',
  )

const sentence = z.string().trim().min(1)

const duration = z
  .string()
  .regex(/^[1-9][0-9]*(s|m)$/, 'expected a time like "10s" or "2m"')
  .describe('A time in seconds or minutes: "10s", "2m".')

const expression = z
  .string()
  .trim()
  .min(1)
  .describe('An expression in CEL, the language of Kubernetes’ own admission policies.')

const namespace = z.string().min(1).default('default').describe('Namespace; "default" if left out.')

const labels = z.record(z.string(), z.string()).describe('Labels that the objects must have, all of them.')

/** What every check has, whatever it looks at. */
const common = {
  title: sentence.describe('What has to hold, in a few words: shown beside the check. "Three copies are ready".'),
  expect: expression.describe(
    'Must be true for the check to pass. Reading a field that is not set counts as false; `object.?status.?readyReplicas.orValue(0)` gives a default.',
  ),
  found: expression
    .optional()
    .describe(
      'A CEL expression that gives a text: what was found instead. Shown while the check has not passed. Where it reads a field that is not set, a sentence of the server stands in.',
    ),
  hint: sentence.optional().describe('Markdown, shown when the reader asks for a hint.'),
  stays: duration.optional().describe('The expression must have been true for this long, without a break.'),
}

const ResourceCheck = z
  .strictObject({
    resource: z
      .strictObject({
        apiVersion: z.string().min(1).describe('As in a manifest: "v1", "apps/v1".'),
        kind: z.string().min(1).describe('As in a manifest: "Deployment".'),
        namespace: namespace.optional().describe('Left out: "default"; ignored for kinds without namespaces.'),
        name: z.string().min(1).optional().describe('Name of one object: the expression then sees it as `object`.'),
        labels: labels.optional(),
      })
      .describe('One object by name, seen as `object`; without a name all that match, seen as the list `objects`.'),
    ...common,
  })
  .describe('Looks at objects of the cluster, on each change of them.')

const HttpCheck = z
  .strictObject({
    http: z
      .strictObject({
        service: z.string().min(1).describe('Name of the Service that is asked.'),
        namespace: namespace.optional(),
        port: z
          .union([z.int().min(1).max(65535), z.string().min(1)])
          .describe('Port of the Service, by number or name.'),
        path: z.string().startsWith('/').default('/').describe('Path and query.'),
        requests: z.int().min(1).max(100).default(1).describe('How many requests make one evaluation.'),
      })
      .describe(
        'Asks a Service through the API server. The expression sees the list `responses`, each with `status` (0 if none came), `body` (text) and `json` (the body, if it is JSON, else null).',
      ),
    ...common,
  })
  .describe('Asks a Service for something, again and again while the step is open.')

const EventsCheck = z
  .strictObject({
    events: z
      .strictObject({
        apiVersion: z.string().min(1).default('v1'),
        kind: z.string().min(1),
        namespace: namespace.optional(),
        labels: labels.optional(),
        since: z.enum(['step', 'start']).default('step').describe('Since the step opened, or since the lab started.'),
      })
      .describe(
        'What happened to objects of this kind: the expression sees the list `events`, each with `type` (ADDED, MODIFIED, DELETED), `object`, and `old` (the object before, null for ADDED). The end of an object that was being deleted before is left out.',
      ),
    ...common,
  })
  .describe('Looks at what has happened, not only at what is.')

export const Check = z.union([ResourceCheck, HttpCheck, EventsCheck])

const Need = z
  .enum(['ingress-controller'])
  .describe(
    'What the cluster must have for the step. Where it has not, the step is passed over: shown for reading, and marked as skipped from the start.',
  )

export const Step = z.strictObject({
  id: id.describe('Stable: readers’ progress is kept by it. The page’s <Step id> names it.'),
  title: sentence,
  checks: z.array(Check).min(1).describe('All must hold for the step to pass. A passed step stays passed.'),
  solution: sentence.describe(
    'Commands for bash that do the step, run in the reader’s shell by the lab’s test and shown on request.',
  ),
  needs: Need.optional(),
})

export const Lab = z.strictObject({
  id: id.describe('The name of the lab’s folder.'),
  title: sentence,
  summary: sentence.describe('One sentence for lists of labs.'),
  minutes: z.int().min(1).max(120).describe('How long a newcomer needs.'),
  timing: sentence
    .optional()
    .describe('A note for authors and facilitators: where the time goes, and what makes the reader wait for how long.'),
  cluster: z
    .strictObject({
      workers: z.int().min(0).max(5).default(1).describe('Worker nodes beside the control plane.'),
      ingress: z
        .boolean()
        .default(false)
        .describe('Whether the lab wants an Ingress controller, where the provider has one at hand.'),
    })
    .prefault({}),
  images: z
    .array(z.string().regex(/^[^\s:]+:[^\s:]+$/, 'expected a name with a tag, like "busybox:1.36"'))
    .default([])
    .describe('Container images that the nodes hold before the lab starts.'),
  setup: z
    .array(z.string().min(1))
    .default([])
    .describe('Manifests of the lab’s folder, applied before the reader starts.'),
  files: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Files of the lab’s folder that are laid in the reader’s home, under the same path; no names that begin with a dot.',
    ),
  steps: z.array(Step).min(1),
})

export type Check = z.infer<typeof Check>
export type ResourceCheck = z.infer<typeof ResourceCheck>
export type HttpCheck = z.infer<typeof HttpCheck>
export type EventsCheck = z.infer<typeof EventsCheck>
export type Need = z.infer<typeof Need>
export type Step = z.infer<typeof Step>
export type Lab = z.infer<typeof Lab>
