import { inlineHtml } from '../strings/inline.ts'
import { story as strings } from '../strings/story.ts'
import { drawScene } from './picture.ts'
import { type Beat, sceneAt } from './scene.ts'
import { type StoryName, tell } from './words.ts'

/** How long one beat is shown before the next comes by itself, in milliseconds: time to read two lines. */
const PACE = 3200

/** Makes a story in the page answer to its buttons. @returns what to do when one is pressed. */
export async function openStory(element: HTMLElement): Promise<(button: HTMLButtonElement) => void> {
  const { story, sides, presses, beats, notes, gauges } = await tell(element.dataset.story as StoryName)
  const names = Object.keys(sides)
  const motion = matchMedia('(prefers-reduced-motion: no-preference)')
  const find = <T extends HTMLElement>(selector: string): T => {
    const found = element.querySelector<T>(selector)
    if (found === null) throw new Error(`${element.dataset.story}: found no ${selector}`)
    return found
  }
  const log = find('[data-log]')
  const playback = find('[data-playback]')
  const pause = find('[data-pause]')
  const next = find<HTMLButtonElement>('[data-next]')
  const other = find('[data-other]')

  let side = names[0] ?? ''
  let press: string | undefined
  let at = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const script = () => story.sides[side] ?? { start: {}, presses: {} }
  const changes = () => (press === undefined ? [] : (script().presses[press] ?? []))
  const told = (): Beat[] => (press === undefined ? [] : (beats[side]?.[press] ?? []))
  const otherSide = () => names.find((name) => name !== side)
  const isOver = () => at >= changes().length

  function play(on: boolean): void {
    clearTimeout(timer)
    timer = on && !isOver() ? setTimeout(() => step(true), PACE) : undefined
    pause.textContent = on ? strings.pause : strings.play
  }

  function draw(): void {
    drawScene(element, sceneAt(script().start, changes(), at), (gauge, value) => gauges[gauge]?.value(value) ?? '')
    for (const button of element.querySelectorAll<HTMLElement>('[data-press]'))
      button.setAttribute('aria-pressed', String(button.dataset.press === press))
    for (const button of element.querySelectorAll<HTMLElement>('[data-side]'))
      button.setAttribute('aria-pressed', String(button.dataset.side === side))
    find('[data-note]').textContent = notes[side] ?? ''
    element.dataset.shown = side

    const over = press !== undefined && isOver()
    const focused = document.activeElement
    playback.hidden = press === undefined || over
    const onward = otherSide()
    other.hidden = !over || onward === undefined
    if (over && onward !== undefined && press !== undefined)
      other.textContent = strings.other(presses[press] ?? '', sides[onward] ?? '')
    // A button that goes must not take the focus with it.
    if (over && (focused === next || focused === pause))
      (other.hidden ? find(`[data-press="${press}"]`) : other).focus({ preventScroll: true })
  }

  function step(goOn: boolean): void {
    const beat = told()[at]
    if (beat === undefined) return
    at++
    const item = document.createElement('li')
    const when = beat.when === '' ? '' : `<span>${inlineHtml(beat.when)}</span> `
    item.innerHTML = `${when}<b>${inlineHtml(beat.who)}</b> ${inlineHtml(beat.says)}`
    log.append(item)
    draw()
    play(goOn)
  }

  function begin(now: string | undefined): void {
    press = now
    at = 0
    log.replaceChildren()
    play(false)
    if (now === undefined) draw()
    else step(motion.matches)
  }

  return (button) => {
    const { dataset } = button
    if (dataset.press !== undefined) begin(dataset.press)
    else if (dataset.side !== undefined) {
      side = dataset.side
      begin(undefined)
    } else if (button === next) step(false)
    else if (button === pause) play(timer === undefined)
    else if (button === other) {
      side = otherSide() ?? side
      const again = press
      begin(again)
      if (again !== undefined) find(`[data-press="${again}"]`).focus({ preventScroll: true })
    }
  }
}
