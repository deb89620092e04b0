/** The one element of that selector. The page and its scripts are built together, so its absence is a mistake in them. */
export function need<E extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): E {
  const found = root.querySelector<E>(selector)
  if (found === null) throw new Error(`The page has no ${selector}.`)
  return found
}

/** Sets a text only if it differs: a live region speaks each time it is written. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  text?: string,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  if (text !== undefined) element.textContent = text
  return element
}
