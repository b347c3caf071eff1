import Foundation

/// The number of inference threads: one per processor that this process may use.
package func inferenceThreads() -> Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
