import { ask } from '../lab/dialog.ts'
import { create, need, say } from '../lab/elements.ts'
import { progress as strings } from '../strings/progress.ts'
import { loadProgress, saveProgress, watchProgress } from './storage.ts'
import {
  countSteps,
  MAX_FILE_BYTES,
  merge,
  nothing,
  type Progress,
  type ProgressProblem,
  readProgress,
} from './store.ts'

function sentence(problem: ProgressProblem): string {
  switch (problem.kind) {
    case 'json':
      return strings.problem.json
    case 'large':
      return strings.problem.large
    case 'shape':
      return strings.problem.shape(problem.field, problem.expected)
  }
}

class QuayProgress extends HTMLElement {
  connectedCallback(): void {
    watchProgress((progress) => this.draw(progress))
    const file = need<HTMLInputElement>(this, 'input[type=file]')
    need(this, '[data-export]').addEventListener('click', () => this.export())
    need(this, '[data-import]').addEventListener('click', () => file.click())
    need(this, '[data-forget]').addEventListener('click', () => void this.forget())
    file.addEventListener('change', () => void this.import(file))
  }

  private draw(progress: Progress): void {
    for (const section of this.querySelectorAll<HTMLElement>('[data-progress-of]')) {
      const steps = progress.labs[section.dataset.progressOf ?? '']?.steps ?? {}
      const lines = [...section.querySelectorAll<HTMLElement>('[data-progress-step]')]
      let done = 0
      for (const line of lines) {
        const how = steps[line.dataset.progressStep ?? '']?.how
        if (how !== undefined) done++
        line.dataset.how = how ?? 'open'
        const word = how === 'passed' ? `✓ ${strings.done}` : how === 'skipped' ? strings.skipped : strings.open
        say(need(line, '[data-progress-state]'), word)
      }
      need<HTMLProgressElement>(section, 'progress').value = done
      say(need(section, '[data-progress-count]'), strings.of(done, lines.length))
    }
  }

  private say(text: string): void {
    say(need(this, '[data-progress-message]'), text)
  }

  private export(): void {
    const text = JSON.stringify(loadProgress(), null, 2)
    const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
    create('a', { href: address, download: 'quayside-progress.json' }).click()
    URL.revokeObjectURL(address)
    this.say(strings.exported)
  }

  private async import(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0]
    if (file === undefined) return
    const read = file.size > MAX_FILE_BYTES ? { problem: { kind: 'large' } as const } : readProgress(await file.text())
    // The same file can be chosen again.
    input.value = ''
    if ('problem' in read) {
      this.say(sentence(read.problem))
      return
    }
    const before = loadProgress()
    const after = merge(before, read.progress)
    const kept = saveProgress(after)
    this.say(kept ? strings.imported(countSteps(after) - countSteps(before)) : strings.notKept)
  }

  private async forget(): Promise<void> {
    if (!(await ask(this, strings.ask))) return
    this.say(saveProgress(nothing) ? strings.forgotten : strings.notKept)
  }
}

customElements.define('quay-progress', QuayProgress)
