// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A record from its first write to its end: two clients, one writes, one watches.
import { arrival, connect } from '../connect.mjs'

const [writer, watcher] = await Promise.all([connect(), connect()])
const name = `driver/${writer.getUid()}`

console.log('exists before anybody asked for it:', await writer.record.has(name))

// getRecord creates what is missing: an empty object at version 0.
const mine = await writer.record.getRecord(name).whenReady()
const theirs = await watcher.record.getRecord(name).whenReady()
console.log('created on the fly:', theirs.get(), 'at version', theirs.version)

// Paths reach into the record, and make what is not there yet.
const colour = arrival()
theirs.subscribe('pets[1].fur.color', colour.callback)
mine.set('pets[1].fur.color', 'brown')
console.log('the watcher is told:', await colour.value)
console.log('the whole record:', JSON.stringify(theirs.get()))

// With an acknowledgement: it comes when the write is as durable as the server is set to make it.
const coords = arrival()
theirs.subscribe('coords', coords.callback)
await mine.setWithAck('coords', { lat: 52.52, lng: 13.4 })
console.log('acknowledged; the watcher has', JSON.stringify(await coords.value))

// Once, without subscribing. setData writes without subscribing, and creates what is missing.
await watcher.record.setDataWithAck('profile/jack', { name: 'Jack' })
console.log('snapshot:', JSON.stringify(await writer.record.snapshot('profile/jack')))
console.log('version of the record:', await writer.record.head(name))

// Deleting a record tells everybody who has it.
const gone = new Promise((resolve) => theirs.once('delete', resolve))
await mine.delete()
await gone
console.log('deleted; exists now:', await writer.record.has(name))

writer.close()
watcher.close()
