// Writes tests/core/corpus.txt: updates as Yjs itself makes them, one a line, "story<TAB>base64".
//
// Lines of one story are one document's log, in order. Run it again when yjs changes:
//
//     cd static && node ../tests/core/make_corpus.mjs > ../tests/core/corpus.txt
//
// Clients are numbered and nothing is drawn at random, so that the same yjs makes the same file.

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(`${process.cwd()}/`))
const { pathname } = new URL(pathToFileURL(require.resolve('yjs')))
const Y = await import(pathname.replace('yjs.cjs', 'yjs.mjs'))

const lines = []
let story = ''

function tell(name, ...docs) {
  story = name
  for (const doc of docs) {
    doc.on('update', (update, origin) => {
      if (origin !== 'remote') say(update)
    })
  }
}

function say(update) {
  lines.push(`${story}\t${Buffer.from(update).toString('base64')}`)
}

function doc(clientID, options = {}) {
  const made = new Y.Doc(options)
  made.clientID = clientID
  return made
}

/** Let two documents know all of each other. */
function meet(a, b) {
  const forB = Y.encodeStateAsUpdate(a, Y.encodeStateVector(b))
  const forA = Y.encodeStateAsUpdate(b, Y.encodeStateVector(a))
  Y.applyUpdate(b, forB, 'remote')
  Y.applyUpdate(a, forA, 'remote')
}

{
  const one = doc(1)
  tell('text typed letter by letter', one)
  const text = one.getText('text')
  for (const letter of 'Grüße aus 東京 👩‍👩‍👧 !') text.insert(text.length, letter)
}
{
  const one = doc(2)
  tell('surrogate pairs cut in two', one)
  const text = one.getText('text')
  text.insert(0, 'a😀b🎉c')
  text.insert(2, 'between the halves')
  text.delete(1, 3)
}
{
  const one = doc(3)
  tell('formats and embeds', one)
  const text = one.getText('text')
  text.insert(0, 'plain bold both linked')
  text.format(6, 4, { bold: true })
  text.format(6, 9, { italic: true, link: { href: 'https://example.org/?a[0]={1}', target: '_blank' } })
  text.insertEmbed(3, { image: 'a.png', width: 3.5 })
  text.insertEmbed(5, new Y.Map([['inside', 1]]))
  text.format(0, 12, { bold: null })
  text.applyDelta([{ retain: 4 }, { delete: 2 }, { insert: 'x', attributes: { code: {} } }])
}
{
  const one = doc(4)
  tell('a rich document', one)
  const root = one.getXmlFragment('default')
  const heading = new Y.XmlElement('heading')
  heading.setAttribute('level', 2)
  root.insert(0, [heading])
  heading.insert(0, [new Y.XmlText('Launch plan')])
  const list = new Y.XmlElement('bulletList')
  for (const words of ['first', 'second', 'third']) {
    const item = new Y.XmlElement('listItem')
    const paragraph = new Y.XmlElement('paragraph')
    const run = new Y.XmlText()
    run.insert(0, words)
    run.insert(words.length, ' bold', { bold: {} })
    paragraph.insert(0, [run])
    item.insert(0, [paragraph])
    list.push([item])
  }
  root.push([list])
  root.push([new Y.XmlElement('horizontalRule')])
  root.get(2).push([new Y.XmlText()])
  list.get(1).get(0).get(0).insert(3, '—')
  heading.removeAttribute('level')
  heading.setAttribute('level', 3)
  list.delete(0, 1)
  root.insertAfter(heading, [new Y.XmlElement('paragraph')])
}
{
  const one = doc(5)
  tell('every kind of value', one)
  const map = one.getMap('map')
  const values = {
    true: true, false: false, null: null, undefined: undefined, zero: 0, minus: -1, small: 63, wide: 64,
    large: 2 ** 31 - 1, larger: 2 ** 40, negative: -(2 ** 33), half: 0.5, third: 1 / 3, huge: 1e300, nan: NaN,
    big: 12345678901234567890n & 0x7fffffffffffffffn, text: 'tëxt', empty: '', list: [1, [2, [3, []]], { a: null }],
    object: { a: 1, b: { c: [true, 'x'] } }, bytes: new Uint8Array([0, 1, 255]), none: new Uint8Array(0),
  }
  for (const [key, value] of Object.entries(values)) map.set(key, value)
  one.transact(() => { for (const [key, value] of Object.entries(values)) map.set(`again ${key}`, value) })
  one.getArray('array').push([...Object.values(values).filter(value => !['undefined', 'bigint'].includes(typeof value)), [values.big, undefined]])
}
{
  const one = doc(6)
  tell('maps and arrays in each other', one)
  const array = one.getArray('array')
  const map = new Y.Map()
  array.insert(0, [map, 'a', 1, new Y.Array(), new Y.Text('words'), new Y.XmlFragment(), new Y.XmlElement('p')])
  map.set('deep', new Y.Map())
  map.get('deep').set('deeper', new Y.Array())
  map.get('deep').get('deeper').push([1, 2, 3])
  array.insert(2, ['between', new Uint8Array([1, 2, 3])])
  map.set('deep', 'replaced')
  map.delete('deep')
  array.delete(1, 3)
}
{
  const one = doc(16)
  tell('an XML hook, which pycrdt cannot read', one)
  one.getXmlFragment('default').push([new Y.XmlHook('widget')])
}
for (const gc of [true, false]) {
  const one = doc(gc ? 7 : 8, { gc })
  tell(gc ? 'deleted and collected' : 'deleted and kept', one)
  const root = one.getXmlFragment('default')
  for (let index = 0; index < 5; index++) {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText(`paragraph ${index}`)])
    root.push([paragraph])
  }
  root.delete(1, 3)
  one.getText('text').insert(0, 'gone soon')
  one.getText('text').delete(0, 9)
  one.getText('text').insert(0, 'here')
  story += ', as a whole'
  say(Y.encodeStateAsUpdate(one))
}
{
  const one = doc(9)
  const two = doc(10)
  tell('two people at once', one, two)
  one.getText('text').insert(0, 'Hello world')
  meet(one, two)
  one.getText('text').insert(5, ' dear')
  two.getText('text').delete(0, 5)
  two.getText('text').insert(0, 'Bye')
  meet(one, two)
  one.getText('text').insert(8, '1')
  two.getText('text').insert(8, '2')
  two.getText('text').format(0, 6, { bold: true })
  meet(one, two)
  story = 'two people, as a whole'
  say(Y.encodeStateAsUpdate(two))
}
{
  const docs = [11, 12, 13].map(id => doc(id))
  tell('offline branches, merged')
  docs[0].getText('text').insert(0, 'base ')
  for (const other of docs.slice(1)) meet(docs[0], other)
  const before = docs.map(one => Y.encodeStateVector(one))
  say(Y.encodeStateAsUpdate(docs[0]))
  docs.forEach((one, index) => {
    for (let turn = 0; turn < 20; turn++) {
      const text = one.getText('text')
      if (turn % 4 === 3) text.delete(turn % text.length, 1)
      else text.insert((turn * 7 + index) % (text.length + 1), String.fromCharCode(97 + turn))
    }
  })
  say(Y.mergeUpdates(docs.map((one, index) => Y.encodeStateAsUpdate(one, before[index]))))
}
{
  const one = doc(14)
  tell('undo')
  const text = one.getText('text')
  const undo = new Y.UndoManager(text, { captureTimeout: 0 })
  tell('undo', one)
  text.insert(0, 'one ')
  text.insert(4, 'two ')
  undo.undo()
  undo.undo()
  undo.redo()
}
{
  const one = doc(15)
  tell('nothing', one)
  say(Y.encodeStateAsUpdate(one))
}
{
  const one = doc(4294967295)
  tell('the largest clientID', one)
  one.getText('text').insert(0, 'x')
  one.getText('text').delete(0, 1)
}

{
  const one = doc(17)
  tell('bytes, embeds and attributes of every kind', one)
  const element = new Y.XmlElement('paragraph')
  one.getArray('array').push([element]) // Not on the page, which could not show all of it.
  const attributes = { word: 'ü', number: 1.5, none: null, list: [1, ['a']], object: { deep: { deeper: true } }, bytes: new Uint8Array([9]) }
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  for (const name of Object.keys(attributes)) element.setAttribute(name, 'again')
  element.removeAttribute('list')
  const run = new Y.XmlText()
  element.push([run])
  run.insertEmbed(0, new Uint8Array(300))
  run.insertEmbed(0, { nested: [[[{ a: null }]]] })
  run.insertEmbed(1, new Y.XmlElement('inside'))
  run.insert(0, 'é\u{10ffff}\0', { mark: { list: [1, 2] }, other: 'x' })
  run.setAttribute('of the text', 7)
  one.getArray('array').push([new Uint8Array(0), new Uint8Array(200).fill(255)])
}
{
  const one = doc(18)
  tell('half a surrogate pair, which is written as U+FFFD', one)
  one.getText('text').insert(0, 'a\ud83d')
  one.getText('text').insert(2, '\ude00b')
}
{
  const one = doc(19, { gc: false })
  tell('moved about: copied, deleted and undone', one)
  const array = one.getArray('array')
  const undo = new Y.UndoManager([array, one.getMap('map')], { captureTimeout: 0 })
  array.push([new Y.Map([['a', 1]]), 'b', new Y.Text('c')])
  array.insert(2, [array.get(0).clone()])
  array.delete(0, 1)
  one.getMap('map').set('key', 1)
  one.getMap('map').set('key', new Y.Array())
  while (undo.undo()) continue
  while (undo.redo()) continue
}
{
  const one = doc(20)
  const two = doc(21)
  tell('one key of two people', one, two)
  for (const each of [one, two]) {
    each.getMap('map').set('key', each.clientID)
    each.getXmlFragment('default').push([new Y.XmlElement(`of${each.clientID}`)])
  }
  meet(one, two)
  two.getMap('map').delete('key')
  one.getMap('map').set('key', 'again')
  one.getXmlFragment('default').delete(0, 2)
  meet(one, two)
}
{
  const one = doc(22)
  tell('a document in a document, which is refused', one)
  one.getMap('map').set('inside', new Y.Doc({ guid: 'inside' }))
}
{
  const one = doc(23)
  const updates = []
  one.on('update', update => updates.push(update))
  for (const letter of 'abc') one.getText('text').insert(0, letter)
  tell('a hole, which is a gap')
  say(updates[0])
  say(Y.mergeUpdates([updates[0], updates[2]]))
}
{
  const one = doc(24)
  tell('written at the top again and again, by two', one)
  const root = one.getXmlFragment('default')
  for (let turn = 0; turn < 30; turn++) root.insert(0, [new Y.XmlElement('paragraph')])
  for (let turn = 0; turn < 30; turn++) one.getText('text').insert(0, String.fromCharCode(97 + turn % 26))
  const two = doc(25)
  meet(one, two)
  for (const each of [one, two]) {
    for (let turn = 0; turn < 10; turn++) each.getText('text').insert(0, `${each.clientID}`)
  }
  meet(one, two)
  story += ', as a whole'
  say(Y.encodeStateAsUpdate(two))
}

process.stdout.write(`${lines.join('\n')}\n`)
