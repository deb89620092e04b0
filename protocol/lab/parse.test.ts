import { describe, expect, it } from 'vitest'
import { LabFileError, parseLab } from './parse.ts'

const good = `id: scaling
title: Scale out
summary: One becomes three.
minutes: 15
steps:
  - id: three
    title: Run three copies
    checks:
      - title: Three copies are ready
        resource: { apiVersion: apps/v1, kind: Deployment, name: web }
        expect: object.status.readyReplicas == 3
        found: string(object.status.readyReplicas) + " of 3"
    solution: kubectl scale deployment/web --replicas=3
`

/** The message about \`good\` with one text replaced by another. */
function messageOf(replaced: string | RegExp, by: string, text = good): string {
  const broken = text.replace(replaced, by)
  expect(broken).not.toBe(text)
  try {
    parseLab(broken, 'labs/scaling/lab.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(LabFileError)
    return (error as LabFileError).message
  }
  throw new Error('the lab was accepted')
}

it('reads a lab and fills in what was left out', () => {
  const lab = parseLab(good, 'labs/scaling/lab.yaml')
  expect(lab.cluster).toEqual({ workers: 1, ingress: false })
  expect(lab.setup).toEqual([])
  expect(lab.steps[0]?.checks[0]).toMatchObject({ resource: { kind: 'Deployment', name: 'web' } })
})

describe('messages', () => {
  it.each<[string, string | RegExp, string, string]>([
    [
      'a field of the wrong type',
      'minutes: 15',
      'minutes: soon',
      'labs/scaling/lab.yaml:4: minutes: found "soon"; expected a number',
    ],
    [
      'a number out of range',
      'minutes: 15',
      'minutes: 0',
      'labs/scaling/lab.yaml:4: minutes: found 0; expected at least 1',
    ],
    [
      'a number that is not whole',
      'minutes: 15',
      'minutes: 1.5',
      'labs/scaling/lab.yaml:4: minutes: found 1.5; expected a whole number',
    ],
    [
      'a missing field, with what it is for',
      'minutes: 15\n',
      '',
      'labs/scaling/lab.yaml:1: minutes: found nothing; expected a number (How long a newcomer needs.)',
    ],
    [
      'a missing field of an item, at the line of the item',
      / {4}solution:.*\n/,
      '',
      'labs/scaling/lab.yaml:6: steps[0].solution: found nothing; expected a text (Commands for bash that do the step, run in the reader’s shell by the lab’s test and shown on request.)',
    ],
    [
      'an empty text',
      'title: Scale out',
      'title: ""',
      'labs/scaling/lab.yaml:2: title: found ""; expected a text that is not empty',
    ],
    [
      'an id with other letters',
      'id: three',
      'id: Three',
      'labs/scaling/lab.yaml:6: steps[0].id: found "Three"; expected lower-case letters, digits and dashes, like "three-replicas"',
    ],
    [
      'a misspelt field, with the one that was meant',
      '    solution:',
      '    soltuion:',
      `labs/scaling/lab.yaml:6: steps[0].solution: found nothing; expected a text (Commands for bash that do the step, run in the reader’s shell by the lab’s test and shown on request.)
labs/scaling/lab.yaml:13: steps[0].soltuion: found the unknown field "soltuion"; expected a known field; did you mean "solution"?`,
    ],
    [
      'an unknown field that resembles none',
      'minutes: 15',
      'minutes: 15\ncolour: blue',
      'labs/scaling/lab.yaml:5: colour: found the unknown field "colour"; expected one of "id", "title", "summary", "minutes", "timing", "cluster", "images", "setup", "files", "steps"',
    ],
    [
      'a check that misses a field, by the kind of check that was meant',
      'kind: Deployment, ',
      '',
      'labs/scaling/lab.yaml:10: steps[0].checks[0].resource.kind: found nothing; expected a text (As in a manifest: "Deployment".)',
    ],
    [
      'an unknown field within a check',
      'kind: Deployment, name: web',
      'kind: Deployment, nmae: web',
      'labs/scaling/lab.yaml:10: steps[0].checks[0].resource.nmae: found the unknown field "nmae"; expected a known field; did you mean "name"?',
    ],
    [
      'an http check with a wrong path and port',
      /resource: \{.*\}/,
      'http: { service: web, port: 0, path: env }',
      `labs/scaling/lab.yaml:10: steps[0].checks[0].http.port: found 0; expected at least 1
labs/scaling/lab.yaml:10: steps[0].checks[0].http.path: found "env"; expected a text that begins with "/"`,
    ],
    [
      'a port that is neither number nor name',
      /resource: \{.*\}/,
      'http: { service: web, port: true }',
      'labs/scaling/lab.yaml:10: steps[0].checks[0].http.port: found true; expected a number, or a text',
    ],
    [
      'a value that is none of a few',
      /resource: \{.*\}/,
      'events: { kind: Pod, since: yesterday }',
      'labs/scaling/lab.yaml:10: steps[0].checks[0].events.since: found "yesterday"; expected one of "step", "start"',
    ],
    [
      'a check of no kind',
      /resource: \{.*\}/,
      'resuorce: {}',
      'labs/scaling/lab.yaml:9: steps[0].checks[0]: found only "title", "resuorce", "expect", "found"; expected one of "resource", "http", "events"; did you mean "resource"?',
    ],
    [
      'a check of two kinds',
      'expect: object',
      'http: { service: web, port: 80 }\n        expect: object',
      'labs/scaling/lab.yaml:9: steps[0].checks[0]: found "resource" and "http"; expected one of "resource", "http", "events" in each check',
    ],
    [
      'a list where fields belong',
      /resource: \{.*\}/,
      'resource: [a]',
      'labs/scaling/lab.yaml:10: steps[0].checks[0].resource: found a list; expected fields (name: value)',
    ],
    [
      'a time without a unit',
      '        found:',
      '        stays: "10"\n        found:',
      'labs/scaling/lab.yaml:12: steps[0].checks[0].stays: found "10"; expected a time like "10s" or "2m"',
    ],
    [
      'no steps',
      /steps:[\s\S]*/,
      'steps: []',
      'labs/scaling/lab.yaml:5: steps: found an empty list; expected at least one item',
    ],
    [
      'an expression that does not parse',
      'readyReplicas == 3',
      'readyReplicas ==',
      'labs/scaling/lab.yaml:11: steps[0].checks[0].expect: found Unexpected token: EOF; expected an expression in CEL',
    ],
    [
      'an expression with an unknown name',
      'expect: object.status',
      'expect: pod.status',
      "labs/scaling/lab.yaml:11: steps[0].checks[0].expect: found the unknown name pod; expected object, the one name this check's expressions see",
    ],
    [
      'an expression of the wrong type',
      'found: string(object.status.readyReplicas) + " of 3"',
      'found: size(object.status)',
      'labs/scaling/lab.yaml:12: steps[0].checks[0].found: found an expression of type int; expected an expression that gives a text; put string(…) round what is not one',
    ],
    [
      'an expression in a block, at the line within the block',
      'expect: object.status.readyReplicas == 3',
      'expect: |\n          object.spec.replicas == 3 &&\n          objects.size() == 3',
      "labs/scaling/lab.yaml:13: steps[0].checks[0].expect: found the unknown name objects; expected object, the one name this check's expressions see",
    ],
    [
      'a field written twice',
      'minutes: 15',
      'minutes: 15\nminutes: 16',
      'labs/scaling/lab.yaml:5: found duplicated mapping key; expected YAML',
    ],
    [
      'what is no YAML',
      'minutes: 15',
      'minutes: [15',
      'labs/scaling/lab.yaml:5: found deficient indentation; expected YAML',
    ],
    [
      'two documents',
      'minutes: 15',
      '---\nminutes: 15',
      'labs/scaling/lab.yaml:1: found 2 documents; expected one YAML document',
    ],
    ['an empty file', /[\s\S]*/, '', 'labs/scaling/lab.yaml:1: found nothing; expected one YAML document'],
    ['a file of one text', /[\s\S]*/, 'hello', 'labs/scaling/lab.yaml:1: found "hello"; expected fields (name: value)'],
  ])('tells of %s', (_what, replaced, by, message) => {
    expect(messageOf(replaced, by)).toBe(message)
  })

  it('tells of two steps with one id', () => {
    const twice = good + good.slice(good.indexOf('  - id: three'))
    expect(messageOf(/$/, '#', twice)).toBe(
      'labs/scaling/lab.yaml:14: steps[1].id: found a second step "three"; expected an id of its own for each step',
    )
  })

  it('keeps the parts of a problem for programs', () => {
    try {
      parseLab(good.replace('minutes: 15', 'minutes: soon'), 'lab.yaml')
      expect.unreachable()
    } catch (error) {
      expect((error as LabFileError).problems).toEqual([
        {
          file: 'lab.yaml',
          line: 4,
          field: 'minutes',
          found: '"soon"',
          expected: 'a number',
          message: 'lab.yaml:4: minutes: found "soon"; expected a number',
        },
      ])
    }
  })
})
