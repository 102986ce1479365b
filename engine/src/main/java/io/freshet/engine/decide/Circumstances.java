// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.decide;

/// What a decision depends on besides command and document.
///
/// @param guard what the permission rules say
/// @param actor id of the user who wants it
/// @param nowMs milliseconds since 1970
public record Circumstances(GuardCheck guard, String actor, long nowMs) {}
