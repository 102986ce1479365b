// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A list of records: who is on shift. One client keeps it, another one shows it.
import { connect } from '../connect.mjs'

const [office, board] = await Promise.all([connect(), connect()])
const shift = `shift/${office.getUid()}`
const driver = (name) => `driver/${name}-${office.getUid()}`

const kept = await office.record.getList(shift).whenReady()
const shown = await board.record.getList(shift).whenReady()
console.log('a new list is empty:', shown.isEmpty())

/// The next event of this name on the shown list: [entry, place].
const next = (event) => new Promise((resolve) => shown.once(event, (...about) => resolve(about)))

// The entries are names of records; what they hold is in the records.
const [jack, jill, joe] = ['jack', 'jill', 'joe'].map(driver)
await Promise.all(
  [jack, jill, joe].map((name) => office.record.setDataWithAck(name, { name, free: true })),
)

let event = next('entry-added')
kept.addEntry(jack)
console.log('added: ', ...(await event))

event = next('entry-added')
kept.addEntry(jill)
console.log('added: ', ...(await event))

// In front of the others.
event = next('entry-added')
kept.addEntry(joe, 0)
console.log('added: ', ...(await event))
console.log('in order:', shown.getEntries().join(', '))

// What the board shows of each entry, read once.
for (const entry of shown.getEntries()) {
  const { free } = await board.record.snapshot(entry)
  console.log('  ', entry, free ? 'is free' : 'is busy')
}

event = next('entry-moved')
kept.setEntries([jack, jill, joe])
console.log('moved: ', ...(await event))

event = next('entry-removed')
kept.removeEntry(jill)
console.log('removed:', ...(await event))
console.log('in the end:', shown.getEntries().join(', '))

await kept.delete() // the list; the records it named stay
office.close()
board.close()
