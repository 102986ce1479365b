// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

export { withFreshet, withFreshet as withPulse } from './extension.js';
export type { FreshetExtension, FreshetOptions, Retry } from './extension.js';
export {
  PrismaPulseAccountHoldError,
  PrismaPulseDatasourceError,
  PrismaPulseError,
  PrismaPulseProjectDisabledError,
  PrismaPulseServerError,
  PrismaPulseStreamsDisabledError,
  PrismaPulseUnauthorizedError,
  PrismaPulseVersionNotSupportedError,
} from './errors.js';
export { PulseSubscription } from './subscription.js';
export type {
  PulseCreateEvent,
  PulseDeleteEvent,
  PulseEvent,
  PulseEventOf,
  PulseFilter,
  PulseRow,
  PulseStreamArgs,
  PulseSubscribeArgs,
  PulseUpdateEvent,
} from './types.js';
