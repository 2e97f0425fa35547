// What yjs makes of updates: `node yjs.mjs`, started in static/. Frames are a length of four bytes and MessagePack:
// [log, whole] in, { content, loaded, state, same, trouble } or { error } out.

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { trouble } from './page.mjs'

const require = createRequire(pathToFileURL(`${process.cwd()}/`))
const { pathname } = new URL(pathToFileURL(require.resolve('yjs')))
const Y = await import(pathname.replace('yjs.cjs', 'yjs.mjs'))
const { encode, decode } = require('@msgpack/msgpack')

function applied(log) {
  const doc = new Y.Doc()
  // Roots have their types before anything arrives, as a page's have.
  doc.getText('text')
  doc.getXmlFragment('default')
  doc.getMap('map')
  doc.getArray('array')
  for (const update of log) Y.applyUpdate(doc, update)
  return doc
}

function content(doc) {
  return { text: doc.getText('text').toString(), default: children(doc.getXmlFragment('default')) }
}

function children(parent) {
  return parent.toArray().filter(one => one instanceof Y.XmlFragment || one instanceof Y.XmlText).map(xml)
}

function xml(node) {
  if (node instanceof Y.XmlText) return words(node)
  return [node instanceof Y.XmlElement ? node.nodeName : null, children(node)]
}

/** `XmlText.toString` writes formats as tags. */
function words(text) {
  return text.toDelta().map(({ insert }) => (typeof insert === 'string' ? insert : '')).join('')
}

/** What a document shows, attributes included: enough to tell two of them apart. */
function structure(doc) {
  const state = [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b)
  const attributes = node => node instanceof Y.XmlElement
    ? [Object.entries(node.getAttributes()).sort(), node.toArray().map(attributes)]
    : node instanceof Y.XmlText ? runs(node) : null
  return JSON.stringify([state, content(doc), doc.getXmlFragment('default').toArray().map(attributes)], plain)
}

/** A format that changes nothing divides no run: yjs deletes some of those, when it is told in that order. */
function runs(text) {
  const found = []
  for (const { insert, attributes } of text.toDelta()) {
    const last = found.at(-1)
    const isSame = JSON.stringify(last?.attributes, plain) === JSON.stringify(attributes, plain)
    if (isSame && typeof last?.insert === 'string' && typeof insert === 'string') last.insert += insert
    else found.push({ insert, attributes })
  }
  return found
}

function plain(_, value) {
  if (value instanceof Y.AbstractType) return value.constructor.name
  if (ArrayBuffer.isView(value)) return [...value]
  if (typeof value === 'bigint') return Number(value)
  // yrs keeps no order of the keys of an object.
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  return value
}

/**
 * Whether an operation says that it stands between two of which the right one is not to the right of the left one, or
 * one is there and the other is not any more; or in front of all, and before one that stands behind another.
 */
function isDisordered(doc, log) {
  const find = id => doc.store.clients.get(id.client).find(one => one.id.clock <= id.clock && id.clock < one.id.clock + one.length)
  for (const update of log) {
    for (const { origin, rightOrigin } of Y.decodeUpdate(update).structs) {
      if (origin && rightOrigin && (find(origin) instanceof Y.GC) !== (find(rightOrigin) instanceof Y.GC)) return true
    }
  }
  for (const structs of doc.store.clients.values()) {
    for (const item of structs) {
      if (!(item instanceof Y.Item) || item.rightOrigin === null) continue
      const right = find(item.rightOrigin)
      if (item.origin === null) {
        if (right instanceof Y.Item && (right.origin !== null || right.id.clock < item.rightOrigin.clock)) return true
        continue
      }
      let one = find(item.origin)
      if (one === right && item.rightOrigin.clock <= item.origin.clock) return true
      while (one instanceof Y.Item && one !== right) one = one.right
      if (right instanceof Y.Item && one !== right) return true
    }
  }
  return false
}

function answer([log, whole]) {
  try {
    const doc = applied(log)
    const copy = applied([whole])
    return {
      content: content(doc),
      loaded: content(copy),
      state: Y.encodeStateVector(doc),
      pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null,
      disordered: isDisordered(doc, log),
      same: structure(doc) === structure(copy),
      // Most of what is wild has nothing on the page.
      trouble: doc.getXmlFragment('default')._start === null ? null : trouble(log),
    }
  } catch (error) {
    return { error: `${error}` }
  }
}

let held = Buffer.alloc(0)
process.stdin.on('data', data => {
  held = Buffer.concat([held, data])
  while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
    const size = held.readUInt32BE(0)
    const packed = Buffer.from(encode(answer(decode(held.subarray(4, 4 + size)))))
    held = held.subarray(4 + size)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(packed.length)
    process.stdout.write(Buffer.concat([head, packed]))
  }
})
