/** The eight 32-bit words of the digest, signed. */
export declare function sha256(message: Uint8Array): Int32Array;
