internal import CLibAV
public import Foundation

/// SHA-256 of what a clip or a model holds, by libav's own implementation: names what a cache keeps.
public struct ContentDigest: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let context = av_sha_alloc() else { preconditionFailure("no memory for a digest") }
        av_sha_init(context, 256)
        self.context = context
    }

    deinit { av_free(UnsafeMutableRawPointer(context)) }

    public mutating func add(_ bytes: some ContiguousBytes) {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.bindMemory(to: UInt8.self).baseAddress else { return }
            av_sha_update(context, base, buffer.count)
        }
    }

    public mutating func add(_ text: String) { add(Array(text.utf8)) }

    /// 64 hexadecimal digits.
    public consuming func finish() -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        av_sha_final(context, &bytes)
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
