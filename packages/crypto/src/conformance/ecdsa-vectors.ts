/** A deterministic signature (RFC 6979, SHA-256, low S). Hex. */
export interface EcdsaVector {
  readonly secret: string;
  /** What was hashed by SHA-256, or the hash itself as `hash`. */
  readonly text?: string;
  readonly hash: string;
  readonly signature: string;
}

/** Source: the vectors for secp256k1 that bitcoinjs and others publish, in a layout of our own. */
export const ecdsaVectors: readonly EcdsaVector[] = [
  {
    text: 'Everything should be made as simple as possible, but not simpler.',
    secret: '0000000000000000000000000000000000000000000000000000000000000001',
    hash: '06ef2b193b83b3d701f765f1db34672ab84897e1252343cc2197829af3a30456',
    signature:
      '33a69cd2065432a30f3d1ce4eb0d59b8ab58c74f27c41a7fdb5696ad4e6108c96f807982866f785d3f6418d24163ddae117b7db4d5fdf0071de069fa54342262',
  },
  {
    text: 'Equations are more important to me, because politics is for the present, but an equation is something for eternity.',
    secret: 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140',
    hash: '5e9f0a0d593efdcf78ac923bc3313e4e7d408d574354ee2b3288c0da9fbba6ed',
    signature:
      '54c4a33c6423d689378f160a7ff8b61330444abb58fb470f96ea16d99d4a2fed07082304410efa6b2943111b6a4e0aaa7b7db55a07e9861d1fb3cb1f421044a5',
  },
  {
    text: 'Not only is the Universe stranger than we think, it is stranger than we can think.',
    secret: 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140',
    hash: '4d642665c81dd2d6fc3d386ee018043e1f38c5def0a9925febd766f5b15fdb8d',
    signature:
      'ff466a9f1b7b273e2f4c3ffe032eb2e814121ed18ef84665d0f515360dab3dd06fc95f5132e5ecfdc8e5e6e616cc77151455d46ed48f5589b7db7771a332b283',
  },
  {
    text: 'How wonderful that we have met with a paradox. Now we have some hope of making progress.',
    secret: '0000000000000000000000000000000000000000000000000000000000000001',
    hash: 'd507058c2f1472fe0de2ba3b4efe629505677440ab3a7032a9adeaf0ebda74a2',
    signature:
      'c0dafec8251f1d5010289d210232220b03202cba34ec11fec58b3e93a85b91d375afdc06b7d6322a590955bf264e7aaa155847f614d80078a90292fe205064d3',
  },
  {
    text: 'Computer science is no more about computers than astronomy is about telescopes.',
    secret: '69ec59eaa1f4f2e36b639716b7c30ca86d9a5375c7b38d8918bd9c0ebc80ba64',
    hash: '24833a5c2c927c9876d7a77e400577057598e0d7b0c96587ee8a37ea5381bede',
    signature:
      '7186363571d65e084e7f02b0b77c3ec44fb1b257dee26274c38c928986fea45d0de0b38e06807e46bda1f1e293f4f6323e854c86d58abdd00c46c16441085df6',
  },
  {
    text: "...if you aren't, at any given time, scandalized by code you wrote five or even three years ago, you're not learning anywhere near enough",
    secret: '00000000000000000000000000007246174ab1e92e9149c6e446fe194d072637',
    hash: '1eb6e69ca54e38a9b30d4e80b7f69f9dbb10f81579e635dc49557fc16f21e911',
    signature:
      'fbfe5076a15860ba8ed00e75e9bd22e05d230f02a936b653eb55b61c99dda4870e68880ebb0050fe4312b1b1eb0899e1b82da89baa5b895f612619edf34cbd37',
  },
  {
    text: 'The question of whether computers can think is like the question of whether submarines can swim.',
    secret: '000000000000000000000000000000000000000000056916d0f9b31dc9b637f3',
    hash: '179fd85cbe8797f314f07f732438db0682da502c7a9aa9da87af39cf126aaeb3',
    signature:
      'cde1302d83f8dd835d89aef803c74a119f561fbaef3eb9129e45f30de86abbf906ce643f5049ee1f27890467b77a6a8e11ec4661cc38cd8badf90115fbd03cef',
  },
  {
    secret: '0000000000000000000000000000000000000000000000000000000000000001',
    hash: '0000000000000000000000000000000000000000000000000000000000000000',
    signature:
      'a0b37f8fba683cc68f6574cd43b39f0343a50008bf6ccea9d13231d9e7e2e1e411edc8d307254296264aebfc3dc76cd8b668373a072fd64665b50000e9fcce52',
  },
];
