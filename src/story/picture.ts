import { story as strings } from '../strings/story.ts'
import type { Scene, Unit } from './scene.ts'

function writeUnit(item: Element, { label, state }: Unit): void {
  item.setAttribute('data-state', state)
  const text = item.querySelector('[data-label]')
  const now = [label, strings.units[state]].filter((word) => word !== '').join(' ')
  if (text !== null && text.textContent !== now) text.textContent = now
}

/** Makes the picture in the page show a scene; what is the same stays, so that what changes can be seen to change. */
export function drawScene(root: ParentNode, scene: Scene, figure: (gauge: string, value: number) => string): void {
  const template = root.querySelector<HTMLTemplateElement>('template[data-unit]')
  for (const [id, place] of Object.entries(scene.places)) {
    const box = root.querySelector(`[data-place="${id}"]`)
    const list = box?.querySelector('[data-units]')
    const state = box?.querySelector('[data-place-state]')
    if (!box || !list || !state || !template) continue
    box.setAttribute('data-state', place.state)
    state.textContent = strings.places[place.state]
    while (list.children.length > place.units.length) list.lastElementChild?.remove()
    place.units.forEach((unit, at) => {
      if (list.children[at] === undefined) list.append(template.content.cloneNode(true))
      const item = list.children[at]
      if (item !== undefined) writeUnit(item, unit)
    })
  }
  for (const [id, value] of Object.entries(scene.gauges)) {
    const gauge = root.querySelector(`[data-gauge="${id}"]`)
    if (gauge !== null) gauge.textContent = figure(id, value)
  }
}
