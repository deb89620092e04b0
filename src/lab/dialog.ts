import { need, say } from './elements.ts'

export interface Question {
  title: string
  text: string
  confirm: string
}

/** Asks in the page's dialog; Escape and "Cancel" answer no. */
export function ask(root: HTMLElement, question: Question): Promise<boolean> {
  const dialog = need<HTMLDialogElement>(root, '[data-dialog]')
  if (dialog.open) return Promise.resolve(false)
  say(need(dialog, '[data-dialog-title]'), question.title)
  say(need(dialog, '[data-dialog-text]'), question.text)
  say(need(dialog, '[data-dialog-confirm]'), question.confirm)
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'confirm'), { once: true })
  })
}
