// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What all examples begin with: logged-in clients of the server named on the command line.
import { DeepstreamClient } from '@deepstream/client'

export const url = process.argv[2] ?? '127.0.0.1:6020'

/// A logged-in client. An error event nobody expects makes the example fail.
export async function connect(options = {}, at = url) {
  const client = new DeepstreamClient(at, options)
  client.on('error', (message, event) => {
    console.error(event, message)
    process.exitCode = 1
  })
  await client.login()
  return client
}

/// A function to subscribe with, and a promise of the first value that fits.
export function arrival(fits = (value) => value !== undefined) {
  let callback
  const value = new Promise((resolve) => {
    callback = (next) => fits(next) && resolve(next)
  })
  return { callback, value }
}
