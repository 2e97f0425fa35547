// What y-tiptap makes of a document: a page without a screen, and a schema that has whatever the document names.

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(`${process.cwd()}/`))
// The modules of one kind: with those of the other, y-tiptap would have a Yjs of its own.
const { pathname } = new URL(pathToFileURL(require.resolve('yjs')))
const Y = await import(pathname.replace('yjs.cjs', 'yjs.mjs'))
const { ySyncPlugin } = await import(pathToFileURL(require.resolve('@tiptap/y-tiptap')).href.replace('y-tiptap.cjs', 'y-tiptap.js'))
const { Schema } = await import('file://' + require.resolve('@tiptap/pm/model').replace('index.cjs', 'index.js'))
const { EditorState } = await import('file://' + require.resolve('@tiptap/pm/state').replace('index.cjs', 'index.js'))

const LETTER = '\u00b7'

/** What goes wrong on a page that opens the document, or has it open when the last update comes; null if nothing does. */
export function trouble(log) {
  for (const open of [log.length, log.length - 1]) {
    try {
      const page = new Page(log, open)
      for (const update of log.slice(open)) Y.applyUpdate(page.doc, update)
      page.look()
      page.hear()
      page.look()
      page.write()
      page.look()
    } catch (error) {
      return `${open === log.length ? 'opening it' : 'while it is open'}: ${error.message.replaceAll("\n", " ")}`
    }
  }
  return null
}

class Page {
  constructor(log, open) {
    this.doc = new Y.Doc()
    this.root = this.doc.getXmlFragment('default')
    for (const update of log.slice(0, open)) Y.applyUpdate(this.doc, update)
    const plugin = ySyncPlugin(this.root)
    this.state = EditorState.create({ schema: schemaOf(log), plugins: [plugin] })
    this.update = () => {} // The first thing that a view is told comes while it is made.
    this.update = plugin.spec.view(this).update
  }

  hasFocus() {
    return false
  }

  dispatch(transaction) {
    this.state = this.state.apply(transaction)
    this.update()
  }

  look() {
    const [seen, held] = [JSON.stringify(shown(this.state.doc)), JSON.stringify(written(this.root))]
    if (seen !== held) throw new Error(`it shows ${seen} of ${held}`)
    this.held = held
  }

  /** Somebody else writes a paragraph at the end. */
  hear() {
    const other = new Y.Doc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(this.doc))
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.push([new Y.XmlText('later words')])
    other.getXmlFragment('default').push([paragraph])
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(this.doc)))
  }

  /** A letter at the end of each text. */
  write() {
    const { tr } = this.state
    const places = []
    tr.doc.descendants((node, place) => void (node.isText && places.push(place + node.nodeSize)))
    for (const place of places.reverse()) tr.insertText(LETTER, place)
    this.dispatch(tr)
    const held = JSON.stringify(written(this.root))
    if (held.replaceAll(LETTER, '') !== this.held) throw new Error(`letters made ${held} of ${this.held}`)
  }
}

function schemaOf(log) {
  const doc = new Y.Doc()
  doc.getXmlFragment('default')
  for (const update of log) Y.applyUpdate(doc, update)
  const names = new Set(['paragraph'])
  const attributes = new Set()
  const marks = new Set(['bold'])
  for (const structs of doc.store.clients.values()) {
    for (const { content, parentSub } of structs) {
      if (typeof content?.type?.nodeName === 'string') names.add(content.type.nodeName)
      if (content instanceof Y.ContentFormat) marks.add(content.key)
      if (parentSub && !(parentSub in {})) attributes.add(parentSub)
    }
  }
  for (const name of ['text', ...marks]) names.delete(name)
  const attrs = Object.fromEntries([...attributes].map(name => [name, { default: null }]))
  return new Schema({
    topNode: ' page',
    nodes: {
      ' page': { content: 'element*' },
      text: { group: 'any', inline: true },
      ...Object.fromEntries([...names].map(name => [name, { content: 'any*', group: 'any element', inline: true, attrs }])),
    },
    marks: Object.fromEntries([...marks].map(name => [name, { attrs }])),
  })
}

function shown(node) {
  return joined(node.children.map(child => child.isText ? child.text : [child.type.name, shown(child)]))
}

function written(parent) {
  return joined(parent.toArray().map(child => child instanceof Y.XmlElement ? [child.nodeName, written(child)] : words(child)))
}

function words(child) {
  if (!(child instanceof Y.XmlText)) return `what is no text: ${child?.constructor.name}`
  return child.toDelta().map(({ insert }) => (typeof insert === 'string' ? insert : 'what is no text')).join('')
}

/** Text in one piece is the same as in many. */
function joined(children) {
  const found = []
  for (const child of children) {
    if (typeof child === 'string' && typeof found.at(-1) === 'string') found.push(found.pop() + child)
    else if (child !== '') found.push(child)
  }
  return found
}
