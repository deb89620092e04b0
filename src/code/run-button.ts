import { definePlugin, type ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code'
import { h, select } from '@astrojs/starlight/expressive-code/hast'
import { stringsIn } from '../strings.ts'

/**
 * Gives code blocks with `run` in their fence line a button that sends them to the reader's shell. The button is hidden until
 * there is a shell: without one it would promise what it cannot do.
 */
export function pluginRunButton(): ExpressiveCodePlugin {
  return definePlugin({
    name: 'Run in terminal',
    hooks: {
      postprocessRenderedBlock: ({ codeBlock, locale, renderData }) => {
        if (!codeBlock.metaOptions.getBoolean('run')) return
        const figure = select('figure', renderData.blockAst)
        if (figure === undefined) throw new Error('A code block without a figure cannot have a run button.')
        figure.children.push(
          h('div', { class: 'run-command' }, [
            h('button', { type: 'button', hidden: true, 'data-run': codeBlock.code }, stringsIn(locale).code.run),
          ]),
        )
      },
    },
  })
}
