import Foundation
import System

/// The number of inference threads: one per processor that this process may use. More would spin on the processors that the
/// others need.
package func inferenceThreads() -> Int {
    max(1, min(ProcessInfo.processInfo.activeProcessorCount, ProcessorLimit.smallest ?? .max))
}
