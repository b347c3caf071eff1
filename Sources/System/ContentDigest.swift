internal import COpenSSL

/// A digest of bytes that arrive in parts, computed by libcrypto. It names cached contents, verifies downloads and logs in to
/// cameras.
package struct ContentDigest: ~Copyable {
    package enum Algorithm: Sendable {
        /// FIPS 180-4; 64 hexadecimal digits.
        case sha256
        /// Used only where others demand it, for git's blob names and ONVIF's passwords; 40 hexadecimal digits.
        case sha1
    }

    private let context: OpaquePointer

    package init(_ algorithm: Algorithm = .sha256) {
        let method = algorithm == .sha256 ? EVP_sha256() : EVP_sha1()
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, method, nil) == 1 else {
            preconditionFailure("libcrypto cannot allocate a digest")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    package mutating func add(_ bytes: some Sequence<UInt8>) { Array(bytes).withUnsafeBytes { add($0) } }

    package mutating func add(_ text: String) { add(text.utf8) }

    /// The digest in lower-case hexadecimal digits.
    package consuming func finish() -> String {
        let digits = Array("0123456789abcdef")
        return String(finishBytes().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    package consuming func finishBytes() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        EVP_DigestFinal_ex(context, &bytes, &count)
        return Array(bytes.prefix(Int(count)))
    }
}
