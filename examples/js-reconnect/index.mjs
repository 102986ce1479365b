// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What a client sees of a lost connection. The network between it and the server is a small relay
// here, which can be cut.
import net from 'node:net'
import { arrival, connect, url } from '../connect.mjs'

const network = await relay(url)
const options = { reconnectIntervalIncrement: 50, maxReconnectAttempts: 100, heartbeatInterval: 1000 }

const office = await connect()
const field = await connect(options, network.url)
field.off('error') // being cut off is what this example is about

const name = `site/${office.getUid()}`
const here = await field.record.getRecord(name).whenReady()
const there = await office.record.getRecord(name).whenReady()

const first = arrival()
here.subscribe('plan', first.callback)
await there.setWithAck('plan', 'A')
console.log('while connected, the field sees plan', await first.value)

const lost = state(field, 'RECONNECTING')
network.cut()
await lost
console.log('cut off; the field still has plan', here.get('plan'))

// Meanwhile the office goes on.
await there.setWithAck('plan', 'B')
await there.setWithAck('plan', 'C')
await there.setWithAck('crew', 5)

// The client reconnects by itself, logs in again, compares versions and reads what it missed.
const caughtUp = arrival((plan) => plan === 'C')
here.subscribe('plan', caughtUp.callback)
const back = state(field, 'OPEN')
network.heal()
await back
console.log('connected again')
console.log('the field now sees plan', await caughtUp.value, 'and a crew of', here.get('crew'))

// And it is subscribed as before.
const next = arrival((plan) => plan === 'D')
here.subscribe('plan', next.callback)
await there.setWithAck('plan', 'D')
console.log('the next change arrives as before: plan', await next.value)

await there.delete()
field.close()
office.close()
network.close()

function state(client, wanted) {
  return new Promise((resolve) => {
    client.on('connectionStateChanged', (now) => now === wanted && resolve())
  })
}

/// A relay in front of the server: cut() breaks its connections and takes no new ones.
async function relay(server) {
  const { hostname, port } = new URL(server.includes('://') ? server : `ws://${server}`)
  const pairs = new Set()
  let open = true
  const listener = net.createServer((inner) => {
    if (!open) return inner.destroy()
    const outer = net.connect(Number(port || 80), hostname)
    const end = () => {
      inner.destroy()
      outer.destroy()
      pairs.delete(inner)
    }
    pairs.add(inner)
    for (const socket of [inner, outer]) socket.on('error', end).on('close', end)
    inner.pipe(outer).pipe(inner)
  })
  await new Promise((ready) => listener.listen(0, '127.0.0.1', ready))
  return {
    url: `127.0.0.1:${listener.address().port}`,
    cut: () => {
      open = false
      pairs.forEach((socket) => socket.destroy())
    },
    heal: () => {
      open = true
    },
    close: () => listener.close(),
  }
}
