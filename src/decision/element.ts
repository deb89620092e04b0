import { decision as strings } from '../strings/decision.ts'
import { type Answer, type Answers, decide, type Question, questions } from './decide.ts'

/** Six questions in a page, and beneath them what the answers speak for. */
class DecisionHelper extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener('change', () => this.#say())
  }

  #answers(): Answers {
    const answers: Answers = {}
    for (const input of this.querySelectorAll<HTMLInputElement>('input:checked'))
      answers[input.name as Question] = Number(input.value) as Answer
    return answers
  }

  #say(): void {
    const answers = this.#answers()
    const { answered, verdict, ...sides } = decide(answers)
    const place = this.querySelector('[data-verdict]')
    const both = this.querySelector<HTMLElement>('[data-both]')
    if (place === null || both === null) return
    if (verdict === undefined) place.textContent = strings.open(questions.length - answered)
    else {
      const { title, text } = strings.verdicts[verdict]
      const strong = document.createElement('strong')
      strong.textContent = title
      place.replaceChildren(strong, ` ${text}`)
    }
    both.hidden = verdict === undefined
    for (const side of ['docker', 'kubernetes'] as const) {
      const items = sides[side].map((question) => {
        const { topic, answers: texts, ...reasons } = strings.questions[question]
        return `${topic} (${texts[answers[question] ?? 0]}): ${reasons[side]}.`
      })
      const list = this.querySelector(`[data-speaks="${side}"]`)
      list?.replaceChildren(
        ...(items.length === 0 ? [strings.nothing] : items).map((text) =>
          Object.assign(document.createElement('li'), { textContent: text }),
        ),
      )
    }
  }
}

customElements.define('quay-decision', DecisionHelper)
