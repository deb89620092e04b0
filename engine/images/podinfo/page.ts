import type { Options } from './options.ts'

/** What a browser shows at `/`. */
export function page(hostname: string, options: Options, version: string): string {
  const name = escapeHtml(hostname)
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: ${escapeHtml(options.text('ui-color'))}; color: #fff; font-family: system-ui, sans-serif; text-align: center }
p { font-size: 1.25rem }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(options.text('ui-message'))}</h1>
<p>Served by <strong>${name}</strong></p>
<p>podinfo ${escapeHtml(version)}</p>
</main>
</body>
</html>
`
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
