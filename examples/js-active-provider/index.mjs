// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A provider that works only while somebody watches: it listens for names, not for data.
import { connect } from '../connect.mjs'

// Without this a client keeps a discarded record for five seconds, in case it is wanted again.
const quick = { recordDiscardTimeout: 50 }
const [provider, viewer] = await Promise.all([connect(), connect(quick)])
const run = provider.getUid()
const city = `weather/${run}-berlin`

let measuring = 0
const idle = new Promise((resolve) => {
  // A regular expression; here: every record of this run's cities.
  provider.record.listen(`^weather/${run}-`, (name, response) => {
    if (name.endsWith('-atlantis')) {
      response.reject() // the server asks the next listener, if there is one
      return
    }
    response.accept()
    measuring++
    console.log('somebody watches', name)
    let degrees = 20
    const measure = () => provider.record.setData(name, { degrees: degrees++ })
    const timer = setInterval(measure, 20)
    measure()
    response.onStop(() => {
      clearInterval(timer)
      measuring--
      console.log('nobody watches', name, 'any more')
      resolve()
    })
  })
})

const record = viewer.record.getRecord(city)
const warm = new Promise((resolve) => {
  record.subscribe('degrees', (degrees) => degrees >= 23 && resolve(degrees))
})
console.log('degrees:', await warm, '- cities being measured:', measuring)
console.log('somebody answers for what we see:', record.hasProvider)

// The last viewer leaves, and the provider stops.
record.discard()
await idle
console.log('cities being measured:', measuring)

provider.close()
viewer.close()
