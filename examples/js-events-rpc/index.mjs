// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Messages without state: events for everybody, a call for one, and who is there.
import { DeepstreamClient } from '@deepstream/client'
import { arrival, connect, url } from '../connect.mjs'

// Without this a client gathers subscriptions for a tenth of a second before it sends them.
const atOnce = { subscriptionInterval: 0 }
const ada = await connect(atOnce)
const room = `room/${ada.getUid()}`
const guest = `grace-${ada.getUid()}`

// Presence: Ada sees her guest come, and go again at the end.
const came = arrival((joined) => joined)
const went = arrival((joined) => !joined)
ada.presence.subscribe(guest, (user, joined) => [came, went].forEach(({ callback }) => callback(joined)))
await ada.presence.getAll() // answered behind the subscription, so the server knows of it

const grace = new DeepstreamClient(url, atOnce)
await grace.login({ username: guest })
await came.value
console.log('she has come; now here:', (await ada.presence.getAll()).includes(guest))

// A call: one of the providers answers.
grace.rpc.provide(`${room}/add`, ({ a, b }, response) => {
  if (Number.isFinite(a) && Number.isFinite(b)) response.send(a + b)
  else response.error('two numbers, please')
})

// An event: everybody else who subscribes hears it, and nobody keeps it.
const heard = arrival((message) => message.text.startsWith('what'))
grace.event.subscribe(room, heard.callback)
await grace.presence.getAll()
ada.event.emit(room, { from: 'ada', text: 'what is 1 + 2?' })
console.log('she heard:', (await heard.value).text)

console.log('her answer:', await ada.rpc.make(`${room}/add`, { a: 1, b: 2 }))
try {
  await ada.rpc.make(`${room}/add`, { a: 1 })
} catch (error) {
  console.log('her error:', error)
}
try {
  await ada.rpc.make(`${room}/multiply`, { a: 1, b: 2 })
} catch (error) {
  console.log('nobody provides that:', error)
}

grace.close()
await went.value
console.log('she has gone')
ada.close()
