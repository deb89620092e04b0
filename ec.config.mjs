// Apart from astro.config.mjs, so that the <Code> component sees the plugin too.
import { defineEcConfig } from '@astrojs/starlight/expressive-code'
import { pluginLeanBlock } from './src/code/lean-block.ts'
import { pluginRunButton } from './src/code/run-button.ts'

export default defineEcConfig({
  plugins: [pluginRunButton(), pluginLeanBlock()],
  // No page marks lines; its style would weigh on all of them.
  textMarkers: false,
  // A drawn window round each command would be louder than the command.
  defaultProps: { overridesByLang: { bash: { frame: 'none' } } },
  styleOverrides: {
    borderRadius: '0.5rem',
    codeFontSize: '0.875rem',
    codeBackground: 'var(--quay-surface)',
    frames: {
      shadowColor: 'transparent',
      editorBackground: 'var(--quay-surface)',
      terminalBackground: 'var(--quay-surface)',
      editorTabBarBackground: 'var(--quay-surface)',
      editorTabBarBorderBottomColor: 'transparent',
      editorActiveTabBackground: 'var(--quay-surface)',
      editorActiveTabForeground: 'var(--sl-color-gray-3)',
      editorActiveTabIndicatorHeight: '0px',
      editorActiveTabIndicatorTopColor: 'transparent',
    },
  },
})
