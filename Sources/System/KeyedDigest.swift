internal import COpenSSL

/// Keyed digests (FIPS 198-1), computed by libcrypto.
package enum KeyedDigest {
    /// HMAC-SHA256, in 64 lower-case hexadecimal digits.
    package static func hmacSHA256(_ message: some Sequence<UInt8>, key: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(hmacSHA256Bytes(message, key: key).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// HMAC-SHA256, in 32 bytes.
    package static func hmacSHA256Bytes(_ message: some Sequence<UInt8>, key: some Sequence<UInt8>) -> [UInt8] {
        let (message, key) = (Array(message), Array(key))
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        // An empty array has no address, which libcrypto would take for a key from before.
        let made = (key + [0]).withUnsafeBytes { key in
            HMAC(EVP_sha256(), key.baseAddress, Int32(key.count - 1), message, message.count, &bytes, &count)
        }
        precondition(made != nil, "libcrypto cannot compute an HMAC")
        return Array(bytes.prefix(Int(count)))
    }
}
