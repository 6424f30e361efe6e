/** The carrier for an address. */
import type { GelfAddress } from './address.js';
import type { Carrier, CarrierLimits } from './carrier.js';
import { createHttpCarrier } from './http.js';
import { createStreamCarrier } from './stream.js';
import { createUdpCarrier } from './udp.js';

export const openCarrier = (address: GelfAddress, limits?: CarrierLimits): Carrier => {
  switch (address.transport) {
    case 'udp':
      return createUdpCarrier(address);
    case 'tcp':
    case 'tls':
      return createStreamCarrier(address, limits);
    case 'http':
    case 'https':
      return createHttpCarrier(address, limits);
  }
};
