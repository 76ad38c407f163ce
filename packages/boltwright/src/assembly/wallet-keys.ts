import type { Script } from '@boltwright/base';
import type { KeysInterface } from '@boltwright/interfaces';
import type { FundingWallet } from '@boltwright/wallet';

/**
 * Keys whose coins come home to the wallet: what a mutual close pays us, and what is claimed on chain, goes to fresh
 * scripts of the wallet's. Both are asked once a channel and kept in its records.
 */
export function walletKeys(keys: KeysInterface, wallet: Pick<FundingWallet, 'newScript'>): KeysInterface {
  return {
    secureRandomBytes: (length) => keys.secureRandomBytes(length),
    nodeId: () => keys.nodeId(),
    ecdh: (other, tweak) => (tweak === undefined ? keys.ecdh(other) : keys.ecdh(other, tweak)),
    signInvoice: (hash) => keys.signInvoice(hash),
    signGossip: (unsigned) => keys.signGossip(unsigned),
    inboundPaymentKey: () => keys.inboundPaymentKey(),
    peerStorageKey: () => keys.peerStorageKey(),
    channelKeysId: (inbound, entropy) => keys.channelKeysId(inbound, entropy),
    channelSigner: (id, value) => keys.channelSigner(id, value),
    destinationScript: (): Script => wallet.newScript(),
    shutdownScript: (): Script => wallet.newScript(),
  };
}
