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

extension Tensor {
    /// The bits of all elements, so that zeros of either sign and infinities are told apart.
    var bits: [UInt32] { floats().map(\.bitPattern) }
}
