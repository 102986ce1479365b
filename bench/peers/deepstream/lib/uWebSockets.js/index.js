// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
//
// The peer loads `uWebSockets.js` with require(), and upstream publishes that only as a Git address.
// package.json puts the npm package `uws-pack` in its place: the same compiled addon, but wrapped as
// an ES module only. The peer then looks into its library directory, where this file hands it the
// addon itself.
'use strict'

const path = require('path')

const addon = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`
const bin = path.join(__dirname, '..', '..', 'node_modules', 'uWebSockets.js', 'dist', 'bin')
module.exports = require(path.join(bin, addon))
