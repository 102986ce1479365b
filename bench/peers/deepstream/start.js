// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
//
// Starts the peer for one measurement: node start.js uws|ws PORT
//
// In memory (its default cache, no storage), one endpoint, no authentication, no permissions, no
// monitoring. `logLevel` is a number because a name is not comparable with the levels of messages.
'use strict'

const path = require('path')
const { Deepstream } = require('@deepstream/server')

const [transport, port] = process.argv.slice(2)
if (!['uws', 'ws'].includes(transport) || !Number.isInteger(Number(port))) {
  console.error('usage: node start.js uws|ws PORT')
  process.exit(2)
}

// Where the peer looks for what require() does not find; it reads its `libDir` option only from files.
global.deepstreamLibDir = path.join(__dirname, 'lib')

const server = new Deepstream({
  logLevel: 3,
  httpServer: {
    type: transport === 'uws' ? 'uws' : 'default',
    options: {
      host: '127.0.0.1',
      port: Number(port),
      healthCheckPath: '/health-check',
      allowAllOrigins: true,
      origins: [],
      headers: [],
      maxMessageSize: 4 * 1024 * 1024,
      maxBackpressure: 64 * 1024 * 1024
    }
  },
  connectionEndpoints: [
    {
      type: 'ws-binary',
      options: {
        urlPath: '/deepstream',
        heartbeatInterval: 300000,
        outgoingBufferTimeout: 0,
        maxBufferByteSize: 100000,
        headers: [],
        unauthenticatedClientTimeout: 180000,
        maxAuthAttempts: 3,
        logInvalidAuthData: false,
        maxMessageSize: 4 * 1024 * 1024
      }
    }
  ]
})

server.on('started', () => console.log(`Peer ready ws://127.0.0.1:${port}/deepstream (${transport})`))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
server.start()
