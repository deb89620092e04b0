/** A map on a page without a session: drawn already; what it takes to walk through it comes when it is seen. */
import type { MapObject } from '../../protocol/map.ts'

class QuayMap extends HTMLElement {
  connectedCallback(): void {
    const data = this.querySelector('script[type="application/json"]')?.textContent
    if (data == null) return
    const seen = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting !== true) return
      seen.disconnect()
      void import('./cluster-map.ts').then(({ ClusterMap }) =>
        new ClusterMap(this).apply({ whole: true, put: JSON.parse(data) as MapObject[], gone: [] }),
      )
    })
    seen.observe(this)
  }
}

customElements.define('quay-map', QuayMap)
