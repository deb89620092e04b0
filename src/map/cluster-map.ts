/** A cluster's map in a page: takes objects as they come, draws what has changed, and can be walked by keyboard. */
import type { MapEvent, MapObject, MapPod } from '../../protocol/map.ts'
import { map as strings } from '../strings/map.ts'
import { ownersOf } from './owners.ts'
import { drawCluster, type Picture, readyServices } from './picture.ts'
import { drawInto, shape } from './shapes.ts'
import { details, legend, table } from './words.ts'

/** A table that changes while it is read is of no use: it is written anew this often at most, in ms. */
const TABLE_EVERY = 1000

export class ClusterMap {
  private readonly root: HTMLElement
  private readonly frame: HTMLElement
  private readonly objects = new Map<string, MapObject>()
  private readonly over = new AbortController()
  private readonly size: ResizeObserver
  private picture: Picture | undefined
  /** What is looked at: what was pointed at since the focus moved, or else what has the focus. */
  private focused: string | undefined
  private pointed: string | undefined
  private drawing = 0
  private tableAt = Number.NEGATIVE_INFINITY
  private tableTimer: ReturnType<typeof setTimeout> | undefined

  constructor(root: HTMLElement) {
    this.root = root
    const frame = root.querySelector<HTMLElement>('[data-map-frame]')
    if (frame === null) throw new Error('The page has no [data-map-frame].')
    this.frame = frame
    this.size = new ResizeObserver(() => this.drawSoon())
    this.size.observe(frame)
    const { signal } = this.over
    frame.addEventListener('focusin', ({ target }) => this.look({ focused: uidOf(target), pointed: undefined }), {
      signal,
    })
    frame.addEventListener('focusout', () => this.look({ focused: undefined }), { signal })
    frame.addEventListener('pointerover', ({ target }) => this.look({ pointed: uidOf(target) }), { signal })
    frame.addEventListener('pointerleave', () => this.look({ pointed: undefined }), { signal })
    frame.addEventListener('keydown', (event) => this.walk(event), { signal })
    root.querySelector('details')?.addEventListener('toggle', () => this.drawTable(true), { signal })
  }

  apply({ whole, put, gone }: MapEvent): void {
    if (whole) this.objects.clear()
    for (const object of put) this.objects.set(object.uid, object)
    for (const uid of gone) this.objects.delete(uid)
    this.drawSoon()
  }

  dispose(): void {
    this.over.abort()
    this.size.disconnect()
    cancelAnimationFrame(this.drawing)
    clearTimeout(this.tableTimer)
  }

  private look(change: { focused?: string | undefined; pointed?: string | undefined }): void {
    if ('focused' in change) this.focused = change.focused
    if ('pointed' in change) this.pointed = change.pointed
    this.drawSoon()
  }

  /** However many changes come, one picture for each frame. */
  private drawSoon(): void {
    if (this.drawing !== 0 || this.over.signal.aborted) return
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0
      this.draw()
    })
  }

  private draw(): void {
    const width = Math.floor(this.frame.clientWidth)
    if (width === 0) return
    const chosen = this.pointed ?? this.focused
    const picture = drawCluster(this.objects.values(), { width, chosen })
    // What the focus was on may be gone; the next one along takes its place.
    const lost = this.focused !== undefined && !picture.places.has(this.focused)
    const next = lost ? this.neighbour(this.focused ?? '', picture) : undefined
    this.picture = picture
    drawInto(this.frame, [
      shape(
        'svg',
        {
          class: 'map-picture',
          viewBox: `0 0 ${width} ${picture.height}`,
          width,
          height: picture.height,
          role: 'group',
          'aria-label': `${strings.label}. ${strings.help}`,
        },
        picture.shapes,
      ),
    ])
    if (next !== undefined) this.focus(next)
    const object = chosen === undefined ? undefined : this.objects.get(chosen)
    this.say('[data-map-details]', this.wordsOf(object))
    const key = this.root.querySelector('[data-map-legend]')
    if (key !== null) drawInto(key, legend(this.objects.values()))
    this.drawTable()
  }

  private wordsOf(object: MapObject | undefined): string {
    if (this.objects.size === 0) return strings.waiting
    if (object === undefined) return strings.choose
    const owners = ownersOf(this.objects.values())
    const slices = [...this.objects.values()].filter((other) => other.kind === 'EndpointSlice')
    return details(object, {
      ownerOf: (pod: MapPod) => owners.of(pod)?.name,
      ready: readyServices(slices),
    })
  }

  private neighbour(uid: string, next: Picture): string | undefined {
    const order = this.picture?.order ?? []
    const at = order.indexOf(uid)
    return [...order.slice(at + 1), ...order.slice(0, Math.max(0, at)).reverse()].find((other) =>
      next.places.has(other),
    )
  }

  private focus(uid: string): void {
    this.frame.querySelector<SVGElement>(`[data-uid="${CSS.escape(uid)}"]`)?.focus()
  }

  private walk(event: KeyboardEvent): void {
    const from = uidOf(event.target)
    if (from === undefined || this.picture === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const to = step(this.picture, from, event.key)
    if (to === undefined) return
    event.preventDefault()
    this.focus(to)
  }

  private drawTable(now = false): void {
    const body = this.root.querySelector('details[open] table')
    if (body === null) return
    const wait = this.tableAt + TABLE_EVERY - performance.now()
    clearTimeout(this.tableTimer)
    if (!now && wait > 0) {
      this.tableTimer = setTimeout(() => this.drawTable(true), wait)
      return
    }
    this.tableAt = performance.now()
    drawInto(body, table(this.objects.values()))
  }

  private say(selector: string, text: string): void {
    const element = this.root.querySelector(selector)
    if (element !== null && element.textContent !== text) element.textContent = text
  }
}

const uidOf = (target: EventTarget | null) =>
  target instanceof Element ? target.closest<SVGElement>('[data-uid]')?.dataset.uid : undefined

/** Where an arrow key leads: left and right one on, up and down to the nearest of another row. */
export function step(picture: Pick<Picture, 'places' | 'order'>, from: string, key: string): string | undefined {
  const { order, places } = picture
  const at = order.indexOf(from)
  switch (key) {
    case 'ArrowRight':
      return order[at + 1]
    case 'ArrowLeft':
      return order[at - 1]
    case 'Home':
      return order[0]
    case 'End':
      return order.at(-1)
    case 'ArrowUp':
    case 'ArrowDown': {
      const here = places.get(from)
      if (here === undefined) return undefined
      const way = key === 'ArrowDown' ? 1 : -1
      let best: { uid: string; far: number } | undefined
      for (const uid of order) {
        const there = places.get(uid)
        if (there === undefined || (there.y - here.y) * way <= 0) continue
        const far = Math.abs(there.y - here.y) * 3 + Math.abs(there.x - here.x)
        if (best === undefined || far < best.far) best = { uid, far }
      }
      return best?.uid
    }
    default:
      return undefined
  }
}
