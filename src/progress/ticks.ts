import { progress as strings } from '../strings/progress.ts'
import { watchProgress } from './storage.ts'
import { stepsDone } from './store.ts'

/** Ticks on every link to a lab that says which steps it has: in the sidebar and in lists of labs. */
watchProgress((progress) => {
  for (const link of document.querySelectorAll<HTMLElement>('[data-progress-lab]')) {
    const { progressLab: lab = '', progressSteps = '' } = link.dataset
    const steps = progressSteps.split(' ')
    const done = stepsDone(progress, lab, steps)
    link.toggleAttribute('data-progress-done', done === steps.length)
    if (done > 0) link.dataset.progressText = `${done}/${steps.length}`
    else delete link.dataset.progressText

    let spoken = link.querySelector('.sr-only')
    if (spoken === null) {
      spoken = document.createElement('span')
      spoken.className = 'sr-only'
      link.append(spoken)
    }
    spoken.textContent = done === 0 ? '' : `, ${done === steps.length ? strings.done : strings.of(done, steps.length)}`
  }
})
