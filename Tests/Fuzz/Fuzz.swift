import Foundation

/// Which input is fuzzed: `WATCHWORD_FUZZ_TARGET=requests fuzz CORPUS -max_total_time=600`.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["WATCHWORD_FUZZ_TARGET"] ?? ""
    if let target = FuzzTarget(rawValue: name) { return target }
    let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    FileHandle.standardError.write(Data("set WATCHWORD_FUZZ_TARGET to one of \(known)\n".utf8))
    exit(2)
}()

/// What libFuzzer, which brings its own `main`, calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(bytes.map { Data(bytes: $0, count: count) } ?? Data())
    return 0
}
