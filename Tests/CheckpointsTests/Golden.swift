import Foundation

@testable import Checkpoints

/// The files beside this one, written by PyTorch: `Golden/make_archives.py`.
enum Golden {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
        .path

    static func path(_ name: String) -> String { directory + "/" + name }
}

/// A file of these bytes in a folder of its own, gone when `body` returns.
func withFile<R>(_ name: String, _ bytes: some Sequence<UInt8>, _ body: (String) throws -> R) throws -> R {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ww-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let url = directory.appendingPathComponent(name)
    try Data(bytes).write(to: url)
    return try body(url.path)
}

/// Seconds of processor time that this thread has used: what work takes, however busy the machine is with other things.
func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Whether work of so many seconds of this thread's is less than a second of an ordinary core's. A slower machine, or one
/// that is emulated, is measured by a computation of fixed size.
func isLessThanASecondOfWork(_ seconds: Double) -> Bool {
    if seconds < 1 { return true }
    let start = threadSeconds()
    var state: UInt64 = 1
    for _ in 0..<100_000_000 {
        state &+= 0x9E37_79B9_7F4A_7C15
        state ^= state >> 30 &* 0xBF58_476D_1CE4_E5B9
    }
    // An ordinary core takes a quarter of a second. What comes out is asked for, or it would not be computed.
    let slowness = (threadSeconds() - start) / 0.25
    return state != 0 && seconds < slowness
}

extension Tensor {
    /// The bits of all elements, so that zeros of either sign and infinities are told apart.
    var bits: [UInt32] { get throws { try floats().map(\.bitPattern) } }
}
