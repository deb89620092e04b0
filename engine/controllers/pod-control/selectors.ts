import { LabelSelector, type LabelSelectorObject } from '../../objects/label-selector.ts'
import type { Labels } from '../../objects/requirement.ts'

/** Selectors of stored objects, read once each: an object that changes keeps its selector. */
export class Selectors {
  readonly #read = new WeakMap<object, LabelSelector>()

  /** One that cannot be read selects nothing, as does none. */
  of(selector: LabelSelectorObject | undefined | null): LabelSelector {
    if (selector === undefined || selector === null) return LabelSelector.nothing
    return this.#remembered(selector, () => LabelSelector.fromObject(selector))
  }

  /** Of plain labels, of which there must be some: ReplicationController's. */
  ofLabels(labels: Labels | undefined): LabelSelector {
    if (labels === undefined) return LabelSelector.nothing
    return this.#remembered(labels, () => LabelSelector.ofLabels(labels))
  }

  #remembered(key: object, read: () => LabelSelector): LabelSelector {
    const known = this.#read.get(key)
    if (known !== undefined) return known
    let selector: LabelSelector
    try {
      selector = read()
    } catch {
      selector = LabelSelector.nothing
    }
    this.#read.set(key, selector)
    return selector
  }
}
