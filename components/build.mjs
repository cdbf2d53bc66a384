// Bundles the components into ../pages/assets and copies the font there. The same sources give the same bytes.
import { build } from 'esbuild'
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const assets = join(here, '..', 'pages', 'assets')
const all = ['board', 'canvas', 'facts', 'funnelbars', 'pulse', 'reunion', 'sorter', 'stagebar', 'table', 'timeline']
/** `npm run build -- board facts` builds only these. */
const asked = process.argv.slice(2)
const strange = asked.filter(name => !all.includes(name))
if (strange.length) throw new Error(`no such component: ${strange.join(', ')}; there are ${all.join(', ')}`)
const names = asked.length ? asked : all

/** `import icons from 'virtual:icons/small'`: symbol name -> SVG path, of the names under that set in src/icons.json. */
const icons = {
  name: 'icons',
  setup(b) {
    b.onResolve({ filter: /^virtual:icons/ }, args => ({ path: args.path, namespace: 'icons' }))
    b.onLoad({ filter: /.*/, namespace: 'icons' }, args => {
      const sets = JSON.parse(readFileSync(join(here, 'src', 'icons.json'), 'utf8'))
      const wanted = sets[args.path.split('/')[1] ?? 'all']
      const paths = {}
      for (const name of [...wanted].sort()) {
        const file = join(here, 'node_modules', '@material-symbols', 'svg-400', 'rounded', `${name}.svg`)
        if (!existsSync(file)) throw new Error(`icons.json: no such symbol: ${name}`)
        paths[name] = [...readFileSync(file, 'utf8').matchAll(/ d="([^"]+)"/g)].map(m => m[1]).join('')
      }
      return { contents: `export default ${JSON.stringify(paths)}`, loader: 'js' }
    })
  },
}

mkdirSync(join(assets, 'fonts'), { recursive: true })
await build({
  absWorkingDir: here,
  entryPoints: names.map(n => (n === 'canvas' ? `src/${n}.tsx` : `src/${n}.ts`)),
  outdir: assets,
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  jsx: 'automatic',
  charset: 'utf8',
  loader: { '.css': 'text' },
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'external',
  plugins: [icons],
  logLevel: 'info',
})

const inter = join(here, 'node_modules', '@fontsource-variable', 'inter')
for (const subset of ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext'])
  copyFileSync(join(inter, 'files', `inter-${subset}-wght-normal.woff2`), join(assets, 'fonts', `inter-${subset}.woff2`))
copyFileSync(join(inter, 'LICENSE'), join(assets, 'fonts', 'LICENSE.txt'))
