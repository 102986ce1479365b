// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

/// Something to send as soon as there is a connection; lower orders first.
record Outgoing(long order, Runnable send) {}
