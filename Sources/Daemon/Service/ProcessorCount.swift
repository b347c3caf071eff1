import Foundation

/// The threads that inference uses: one a processor that this process may run on.
public func inferenceThreads() -> Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
