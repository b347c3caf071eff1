import Glibc

/// The kernel's identifier of the current boot, which changes with every boot.
package enum BootIdentity {
    /// The identifier; empty if the kernel does not provide it.
    package static let current = read(from: "/proc/sys/kernel/random/boot_id")

    static func read(from path: String) -> String {
        let (raw, _) = uninterrupted { open(path, O_RDONLY | O_CLOEXEC) }
        guard raw >= 0 else { return "" }
        let descriptor = FileDescriptor(owning: raw)
        var bytes = [UInt8](repeating: 0, count: 64)
        let (count, _) = uninterrupted { Glibc.read(descriptor.raw, &bytes, bytes.count) }
        guard count > 0 else { return "" }
        return String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
