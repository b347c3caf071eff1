import Foundation

/// The threads that inference uses: one a processor that this process may run on.
package func inferenceThreads() -> Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
