import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Section } from './context.ts'
import { markup, type Part, verbatim } from './markup.ts'

/** A page that is one file: nothing is loaded from anywhere, and nothing but its own style and script can run. */
export interface PageParts {
  readonly title: string
  /** Above the heading, small: which run, when, where. */
  readonly kicker: Part
  readonly sections: readonly Section[]
  readonly foot: Part
  /** Style and script of this kind of page beside those of all; files of this folder. */
  readonly also?: { readonly style: string; readonly script: string }
}

/** The whole document. Its content security policy names the hashes of the one style and the scripts it has. */
export function renderPage({ title, kicker, sections, foot, also }: PageParts): string {
  const { style: common, scripts: shared } = assets()
  const style = also === undefined ? common : `${common}\n${ownFile(also.style)}`
  const scripts = also === undefined ? shared : [...shared, ownFile(also.script)]
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src ${scripts.map((script) => `'${hashOf(script)}'`).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Forkwise">
<title>${title}</title>
<style>${verbatim(style)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the report</a>
<header><p class="kicker">${kicker}</p><h1>${title}</h1>
<nav aria-label="Sections"><ul>${sections.map((section) => markup`<li><a href="#${section.id}">${section.short ?? section.title}</a></li>`)}</ul></nav></header>
<main id="content">
${sections.map(
  (
    section,
  ) => markup`<section id="${section.id}"${section.half === true ? markup` class="half"` : ''} aria-labelledby="${section.id}-title">
<h2 id="${section.id}-title">${section.title}</h2>
${section.body}
</section>
`,
)}</main>
<footer>${foot}</footer>
${scripts.map((script) => markup`<script>${verbatim(script)}</script>\n`)}</body>
</html>
`.text
}

let cached: { style: string; scripts: readonly string[] } | null = null

/** Style and scripts, read once: uPlot for zooming, then our own. */
function assets(): { style: string; scripts: readonly string[] } {
  if (cached === null) {
    const uplot = createRequire(import.meta.url).resolve('uplot/package.json')
    const ofUplot = (file: string): string => readFileSync(join(uplot, '..', 'dist', file), 'utf8')
    cached = {
      style: [ofUplot('uPlot.min.css'), ownFile('colours.css'), ownFile('report.css')].join('\n'),
      scripts: [ofUplot('uPlot.iife.min.js'), ownFile('browser.js')],
    }
  }
  return cached
}

function ownFile(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
