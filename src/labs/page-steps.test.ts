import { describe, expect, it } from 'vitest'
import { stepProblems, stepsOfPage } from './page-steps.ts'

const lab = { id: 'scaling', steps: [{ id: 'one' }, { id: 'two' }] }
const problems = (body: string) => stepProblems({ file: 'content/labs/scaling.mdx', body }, lab)

describe('the steps of a lab page', () => {
  it('are read in order, whatever the quotes', () => {
    expect(stepsOfPage('<Step id="one">\na\n</Step>\n<Step id=\'two\'>b</Step><Step id={"three"} />')).toEqual([
      'one',
      'two',
      'three',
    ])
  })

  it('are not looked for in code blocks', () => {
    expect(stepsOfPage('```mdx\n<Step id="example">\n```\n<Step id="one">')).toEqual(['one'])
  })

  it('agree with the lab', () => {
    expect(problems('<Step id="one"></Step> <Step id="two"></Step>')).toEqual([])
  })

  it('name an unknown step and what was expected', () => {
    expect(problems('<Step id="one"/><Step id="two"/><Step id="tow"/>')).toEqual([
      'content/labs/scaling.mdx: <Step id="tow">: found no such step in labs/scaling/lab.yaml; expected one of: one, two',
    ])
  })

  it('name a step that the page forgot', () => {
    expect(problems('<Step id="one"/>')).toEqual([
      'content/labs/scaling.mdx: found no <Step id="two">; expected one for each step of labs/scaling/lab.yaml: one, two',
    ])
  })

  it('may not be repeated', () => {
    expect(problems('<Step id="one"/><Step id="two"/><Step id="one"/>')).toEqual([
      'content/labs/scaling.mdx: <Step id="one">: found twice; expected once',
    ])
  })

  it('come in the order of the lab', () => {
    expect(problems('<Step id="two"/><Step id="one"/>')).toEqual([
      'content/labs/scaling.mdx: found the steps in the order two, one; expected that of labs/scaling/lab.yaml: one, two',
    ])
  })
})
