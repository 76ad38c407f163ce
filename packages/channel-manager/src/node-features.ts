import { featuresFor, featuresOf } from '@boltwright/wire';

/**
 * What this manager can do (BOLT 9). Needed both ways: TLV onions, payment secrets, static remote keys and channel
 * types, which is all that today's nodes speak.
 *
 * @param anchors - `config.handshake.anchors`.
 */
export const nodeFeatures = (anchors: boolean): Uint8Array =>
  featuresOf({
    option_data_loss_protect: 'required',
    var_onion_optin: 'required',
    option_static_remotekey: 'required',
    payment_secret: 'required',
    basic_mpp: 'optional',
    option_shutdown_anysegwit: 'optional',
    option_channel_type: 'optional',
    option_scid_alias: 'optional',
    ...(anchors ? { option_anchors: 'optional' as const } : {}),
  });

/** Of our invoices (BOLT 11, field `9`). */
export const invoiceFeatures = (): Uint8Array => featuresFor('invoice', nodeFeatures(false));
